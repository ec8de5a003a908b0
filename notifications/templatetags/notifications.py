from typing import TYPE_CHECKING, NamedTuple

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from moderation.models import Decision, Report
from notifications.models import NotificationKind
from notifications.queries import Entry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

register = template.Library()


class Sentences(NamedTuple):
    """The same sentence for one, two and three actors, and for two with others: languages differ in more than the
    "and".
    """

    one: "_StrPromise"
    two: "_StrPromise"
    three: "_StrPromise"
    many: "_StrPromise"


LIKED_POST = Sentences(
    _("%(first)s liked your post"),
    _("%(first)s and %(second)s liked your post"),
    _("%(first)s, %(second)s and %(third)s liked your post"),
    ngettext_lazy(
        "%(first)s, %(second)s and %(others)s other liked your post",
        "%(first)s, %(second)s and %(others)s others liked your post",
        "others",
    ),
)
LIKED_REPLY = Sentences(
    _("%(first)s liked your reply"),
    _("%(first)s and %(second)s liked your reply"),
    _("%(first)s, %(second)s and %(third)s liked your reply"),
    ngettext_lazy(
        "%(first)s, %(second)s and %(others)s other liked your reply",
        "%(first)s, %(second)s and %(others)s others liked your reply",
        "others",
    ),
)
REPOSTED_POST = Sentences(
    _("%(first)s reposted your post"),
    _("%(first)s and %(second)s reposted your post"),
    _("%(first)s, %(second)s and %(third)s reposted your post"),
    ngettext_lazy(
        "%(first)s, %(second)s and %(others)s other reposted your post",
        "%(first)s, %(second)s and %(others)s others reposted your post",
        "others",
    ),
)
REPOSTED_REPLY = Sentences(
    _("%(first)s reposted your reply"),
    _("%(first)s and %(second)s reposted your reply"),
    _("%(first)s, %(second)s and %(third)s reposted your reply"),
    ngettext_lazy(
        "%(first)s, %(second)s and %(others)s other reposted your reply",
        "%(first)s, %(second)s and %(others)s others reposted your reply",
        "others",
    ),
)
FOLLOW_EACH_OTHER = _("%(first)s followed you back")
SENTENCES = {
    NotificationKind.REPLY: Sentences(
        _("%(first)s replied to you"),
        _("%(first)s and %(second)s replied to you"),
        _("%(first)s, %(second)s and %(third)s replied to you"),
        ngettext_lazy(
            "%(first)s, %(second)s and %(others)s other replied to you",
            "%(first)s, %(second)s and %(others)s others replied to you",
            "others",
        ),
    ),
    NotificationKind.QUOTE: Sentences(
        _("%(first)s quoted your post"),
        _("%(first)s and %(second)s quoted your post"),
        _("%(first)s, %(second)s and %(third)s quoted your post"),
        ngettext_lazy(
            "%(first)s, %(second)s and %(others)s other quoted your post",
            "%(first)s, %(second)s and %(others)s others quoted your post",
            "others",
        ),
    ),
    NotificationKind.MENTION: Sentences(
        _("%(first)s mentioned you"),
        _("%(first)s and %(second)s mentioned you"),
        _("%(first)s, %(second)s and %(third)s mentioned you"),
        ngettext_lazy(
            "%(first)s, %(second)s and %(others)s other mentioned you",
            "%(first)s, %(second)s and %(others)s others mentioned you",
            "others",
        ),
    ),
    NotificationKind.FOLLOW: Sentences(
        _("%(first)s followed you"),
        _("%(first)s and %(second)s followed you"),
        _("%(first)s, %(second)s and %(third)s followed you"),
        ngettext_lazy(
            "%(first)s, %(second)s and %(others)s other followed you",
            "%(first)s, %(second)s and %(others)s others followed you",
            "others",
        ),
    ),
    NotificationKind.FOLLOW_REQUEST: Sentences(
        _("%(first)s wants to follow you"),
        _("%(first)s and %(second)s want to follow you"),
        _("%(first)s, %(second)s and %(third)s want to follow you"),
        ngettext_lazy(
            "%(first)s, %(second)s and %(others)s other want to follow you",
            "%(first)s, %(second)s and %(others)s others want to follow you",
            "others",
        ),
    ),
    NotificationKind.FOLLOW_ACCEPTED: Sentences(
        _("%(first)s accepted your follow request"),
        _("%(first)s and %(second)s accepted your follow requests"),
        _("%(first)s, %(second)s and %(third)s accepted your follow requests"),
        ngettext_lazy(
            "%(first)s, %(second)s and %(others)s other accepted your follow requests",
            "%(first)s, %(second)s and %(others)s others accepted your follow requests",
            "others",
        ),
    ),
}


DECIDED = {
    Decision.Act.HOLD: _("Your post is on hold until a moderator reviews it"),
    Decision.Act.PUBLISH: _("A moderator approved your post"),
    Decision.Act.REMOVE: _("A moderator removed your post"),
    Decision.Act.RESTORE: _("A moderator restored your post"),
}
ANSWERED = {
    Report.Outcome.UPHELD: _("Your report was reviewed: the post was removed"),
    Report.Outcome.DISMISSED: _("Your report was reviewed: the post doesn’t break the rules"),
    Report.Outcome.GONE: _("The author deleted the post you reported"),
}
POLL_ENDED = _("A poll you voted in has ended")
OWN_POLL_ENDED = _("Your poll has ended")
POLL_CHANGED = _("%(first)s changed a poll you voted in. You can vote again")
UNSENT = _("Your scheduled post couldn’t be sent")
UNSENT_MANY = ngettext_lazy(
    "%(total)s of your scheduled posts couldn’t be sent",
    "%(total)s of your scheduled posts couldn’t be sent",
    "total",
)
REPORTS_ANSWERED = ngettext_lazy(
    "%(total)s of your reports was reviewed", "%(total)s of your reports were reviewed", "total"
)


@register.filter
def sentence(entry: Entry) -> SafeString:
    """Return the sentence of an entry, with the names as HTML."""
    names = [format_html('<strong dir="auto">{}</strong>', member.name) for member in entry.named]
    values: dict[str, object] = dict(zip(("first", "second", "third"), names, strict=False))
    values |= {"others": entry.others, "total": entry.total}
    return mark_safe(_sentence_of(entry, len(names)) % values)


def _sentence_of(entry: Entry, names: int) -> "_StrPromise":
    if entry.mutual:
        return FOLLOW_EACH_OTHER
    kind = NotificationKind(entry.group.kind)
    latest = entry.latest
    if latest.decision is not None:
        return DECIDED[Decision.Act(latest.decision.act)]
    if latest.report is not None:
        if entry.total > 1:
            return REPORTS_ANSWERED
        # Reopened a moment ago, it is about to be withdrawn.
        return ANSWERED[Report.Outcome(latest.report.outcome or Report.Outcome.DISMISSED)]
    if kind == NotificationKind.POLL:
        return POLL_ENDED if latest.actor else OWN_POLL_ENDED
    if kind == NotificationKind.REVOTE:
        return POLL_CHANGED
    if kind == NotificationKind.UNSENT:
        return UNSENT_MANY if entry.total > 1 else UNSENT
    if kind == NotificationKind.LIKE:
        sentences = LIKED_REPLY if entry.post and entry.post.is_reply else LIKED_POST
    elif kind == NotificationKind.REPOST:
        sentences = REPOSTED_REPLY if entry.post and entry.post.is_reply else REPOSTED_POST
    else:
        sentences = SENTENCES[kind]
    if entry.others:
        return sentences.many
    return (sentences.one, sentences.two, sentences.three)[names - 1]
