"""Who may message a member, and whether they are suggested to others."""

from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Invalid


def choose_privacy(*, by: Member, may_write: str | None = None, discoverable: bool | None = None) -> Member:
    """Change the given settings. Raise Invalid for an unknown choice."""
    changes: dict[str, str | bool] = {}
    if may_write is not None:
        if may_write not in Member.Writers.values:
            raise Invalid(fields={"may_write": [_("Choose everyone, people you follow, or nobody.")]})
        changes["may_write"] = may_write
    if discoverable is not None:
        changes["is_discoverable"] = discoverable
    if changes:
        Member.objects.filter(pk=by.pk).update(**changes)
    for name, value in changes.items():
        setattr(by, name, value)
    return by
