from accounts.models import Member
from messaging import actions
from social.events import MemberBlocked, MemberMuted, MemberUnblocked, MemberUnmuted, WordMuted


def recount_unread(event: WordMuted) -> None:
    """A word was muted; then messages that wait and have it wait no more."""
    for member in Member.objects.filter(pk=event.member_id):
        actions.recount_unread(member=member)


def publish_unread_count_of_muter(event: MemberMuted | MemberUnmuted) -> None:
    """Messages of somebody muted are not counted, so the number on open pages changes."""
    for member in Member.objects.filter(pk=event.muter_id):
        actions.publish_unread_count(member=member)


def publish_unread_counts_of_both(event: MemberBlocked | MemberUnblocked) -> None:
    """The conversation of the two is there no more, or again, so the numbers on open pages change."""
    for member in Member.objects.filter(pk__in=[event.blocker_id, event.blocked_id]):
        actions.publish_unread_count(member=member)
