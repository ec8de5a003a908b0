"""Follows, blocks and mutes as CSV, in the columns that Mastodon writes and reads."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Block, Member
from accounts.transfers import RowResult, Transfer, address_of, is_address, member_in_cell, result_of
from core.db import in_chunks
from core.refusals import NotFound
from social.actions import block_member, follow_member, mute_member
from social.models import Follow, FollowRequest, Mute


def _followed(member: Member) -> Iterator[tuple[str, ...]]:
    visible = Member.objects.visible_to(member)
    for chunk in in_chunks(Follow.objects.by(member).filter(followee__in=visible).select_related("followee")):
        for follow in chunk:
            yield (address_of(follow.followee), "true", "false", "")


def _follow(by: Member, given: str, note: str) -> RowResult:
    def apply() -> bool:
        return follow_member(member=member_in_cell(given, by), by=by)

    result = result_of(apply)
    if result.outcome == result.outcome.DONE and _asked(given, by):
        return RowResult(result.outcome, _("This account is private. We’ve sent a follow request."))
    return result


def _asked(given: str, by: Member) -> bool:
    return FollowRequest.objects.filter(requester=by, member=member_in_cell(given, by)).exists()


def _blocked(member: Member) -> Iterator[tuple[str, ...]]:
    rows = Block.objects.filter(blocker=member, blocked__is_active=True).select_related("blocked")
    for chunk in in_chunks(rows):
        for block in chunk:
            yield (address_of(block.blocked),)


def _block(by: Member, given: str, note: str) -> RowResult:
    def apply() -> bool:
        try:
            return block_member(member=member_in_cell(given, by), by=by)
        except NotFound:
            # A blocked member can't be found; they may be blocked already.
            name = given.removeprefix("@").partition("@")[0].lower()
            if Block.objects.filter(blocker=by, blocked__username=name).exists():
                return False
            raise

    return result_of(apply)


def _muted(member: Member) -> Iterator[tuple[str, ...]]:
    visible = Member.objects.visible_to(member)
    rows = Mute.objects.active().filter(muter=member, muted__in=visible).select_related("muted")
    for chunk in in_chunks(rows):
        for mute in chunk:
            yield (address_of(mute.muted), "true" if mute.with_notifications else "false")


def _mute(by: Member, given: str, note: str) -> RowResult:
    def apply() -> bool:
        member = member_in_cell(given, by)
        # An existing mute keeps its choice about notifications.
        if Mute.objects.active().filter(muter=by, muted=member).exists():
            return False
        mute_member(member=member, by=by, with_notifications=not note)
        return True

    return result_of(apply)


def _mute_option(columns: dict[str, str]) -> str:
    """Return the note for a row that doesn't mute notifications, else nothing."""
    return (
        _("You’ll still get notifications from them.")
        if columns.get("hide notifications", "").lower() == "false"
        else ""
    )


FOLLOWS = Transfer(
    title=gettext_lazy("Following"),
    noun=gettext_lazy("accounts you follow"),
    effect=gettext_lazy("Importing it follows everyone in it."),
    lede=gettext_lazy("Private accounts are asked first."),
    header=("Account address", "Show boosts", "Notify on new posts", "Languages"),
    rows=_followed,
    apply=_follow,
    is_valid_cell=is_address,
    columns=("show boosts", "notify on new posts", "languages"),
    files=("follows", "following_accounts"),
)
BLOCKS = Transfer(
    title=gettext_lazy("Blocked accounts"),
    noun=gettext_lazy("accounts you’ve blocked"),
    effect=gettext_lazy("Importing it blocks everyone in it."),
    lede=gettext_lazy("Blocking ends follows in both directions."),
    header=("Account address",),
    rows=_blocked,
    apply=_block,
    is_valid_cell=is_address,
    files=("blocks", "blocked_accounts"),
)
MUTES = Transfer(
    title=gettext_lazy("Muted accounts"),
    noun=gettext_lazy("accounts you’ve muted"),
    effect=gettext_lazy("Importing it mutes everyone in it."),
    lede=gettext_lazy("They aren’t told."),
    header=("Account address", "Hide notifications"),
    rows=_muted,
    apply=_mute,
    is_valid_cell=is_address,
    read_note=_mute_option,
    columns=("hide notifications",),
    files=("mutes", "muted_accounts"),
)
