"""Rewrite every stored email address in the one spelling of core.addresses.

Two accounts whose addresses would become equal aren’t changed but logged: an operator must decide which is right.
"""

import logging

from django.core.exceptions import ValidationError
from django.db import migrations

from core.addresses import clean_address

log = logging.getLogger("kith.accounts")


def one_spelling(apps, schema_editor):
    Member = apps.get_model("accounts", "Member")
    EmailAddress = apps.get_model("account", "EmailAddress")
    owners = {}
    wanted = {}
    rows = [
        *(
            (Member, pk, pk, email)
            for pk, email in Member.objects.exclude(email=None).values_list("pk", "email")
        ),
        *(
            (EmailAddress, pk, user, email)
            for pk, user, email in EmailAddress.objects.values_list("pk", "user_id", "email")
        ),
    ]
    for model, pk, member, email in rows:
        try:
            clean = clean_address(email)
        except ValidationError:
            log.warning("member %s: the e-mail address cannot be read as one and stays as it is", member)
            continue
        owners.setdefault(clean, set()).add(member)
        if clean != email:
            wanted[model, pk] = (clean, member)
    for (model, pk), (clean, member) in wanted.items():
        others = owners[clean] - {member}
        if others:
            log.warning(
                "members %s have the same e-mail address in several spellings; it stays as it is",
                ", ".join(map(str, sorted(owners[clean]))),
            )
        elif model is EmailAddress and EmailAddress.objects.filter(user_id=member, email=clean).exists():
            log.warning(
                "member %s has the same e-mail address twice; the other spelling is forgotten", member
            )
            _merge(EmailAddress, pk, member, clean)
        else:
            model.objects.filter(pk=pk).update(email=clean)


def _merge(EmailAddress, pk, member, clean):
    spare = EmailAddress.objects.get(pk=pk)
    kept = EmailAddress.objects.get(user_id=member, email=clean)
    EmailAddress.objects.filter(pk=pk).delete()
    EmailAddress.objects.filter(pk=kept.pk).update(
        verified=kept.verified or spare.verified, primary=kept.primary or spare.primary
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_pending_changes_and_places"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(one_spelling, migrations.RunPython.noop)]
