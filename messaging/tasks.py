from accounts.models import Member
from messaging import actions
from social.events import MemberBlocked, MemberMuted, MemberUnblocked, MemberUnmuted, WordMuted


def recount_unread(event: WordMuted) -> None:
    """Count unread messages again, without those that have the muted word."""
    for member in Member.objects.filter(pk=event.member_id):
        actions.recount_unread(member=member)


def publish_unread_count_of_muter(event: MemberMuted | MemberUnmuted) -> None:
    """Publish the number of unread messages without those of the muted member."""
    for member in Member.objects.filter(pk=event.muter_id):
        actions.publish_unread_count(member=member)


def publish_unread_counts_of_both(event: MemberBlocked | MemberUnblocked) -> None:
    """Publish the numbers of unread messages of both: their conversation is hidden, or visible again."""
    for member in Member.objects.filter(pk__in=[event.blocker_id, event.blocked_id]):
        actions.publish_unread_count(member=member)
