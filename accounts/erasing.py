"""Erasing what an account has outside its row (config/erasures.py)."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import actions
from accounts.models import DataExport, DataImportRow, Member
from core.db import delete_some, in_chunks
from core.models import QueuedMail


def end_sessions(member_id: int) -> int:
    """End all sessions of the member, also those without a row in the list: a session's data has its member."""
    ended = 0
    for chunk in in_chunks(Session.objects.all()):
        keys = [row.pk for row in chunk if str(row.get_decoded().get("_auth_user_id")) == str(member_id)]
        for key in keys:
            actions.end_session(member_id=member_id, session_key=key)
        ended += len(keys)
    return ended


def delete_exports(member_id: int) -> int:
    for export in DataExport.objects.filter(member_id=member_id)[:100]:
        actions.delete_export(export=export, by=export.member)
    return delete_some(DataImportRow.objects.filter(data_import__member_id=member_id), 2000)


def forget_mails(member_id: int) -> int:
    """Delete unsent emails to the member."""
    own = Member.objects.exclude(email_state=Member.EmailState.TAKEN)
    address = own.filter(pk=member_id).values("email")
    return delete_some(QueuedMail.objects.filter(to__in=address))


def blank_admin_log(member_id: int) -> int:
    """Remove the member from the admin log, whose entries stay."""
    with transaction.atomic():
        about = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Member), object_id=str(member_id)
        )
        changed = about.update(object_id="", object_repr="Erased account", change_message="")
        by = LogEntry.objects.filter(user_id=member_id)
        if by.exists():
            changed += by.update(user_id=actions.ghost().pk)
    return changed
