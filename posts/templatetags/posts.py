from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.kith import compact
from posts import composing
from posts.models import Post
from posts.queries.reposts import Reposters

register = template.Library()


@register.filter
def composer_url(list_id: str | None) -> str:
    """Return the URL a composer sends to by script, with the list that will show the new post; "" to open its page."""
    return "" if list_id == "none" else f"/posts?list={list_id or 'timeline'}"


@register.simple_tag(takes_context=True)
def names_to_mention(context: dict[str, Any], parent: Post) -> str:
    """Return whom a reply has to mention so that they can read it, as the beginning of its text."""
    return composing.names_to_mention(parent, context["request"].user)


@register.filter
def like_label(likes: int) -> str:
    """Return the accessible name of the like button, with the number as it is shown beside the icon (WCAG 2.5.3).

    A filter, like `reply_label`: a tag in the card, which is rendered often, costs more.
    """
    return ngettext("Like, %(number)s like", "Like, %(number)s likes", likes) % {
        "number": compact(likes) or 0
    }


@register.filter
def reply_label(replies: int) -> str:
    """Return the accessible name of the reply button, like `like_label`."""
    return ngettext("Reply, %(number)s reply", "Reply, %(number)s replies", replies) % {
        "number": compact(replies) or 0
    }


@register.filter
def repost_label(reposts: int) -> str:
    """Return the accessible name of the repost button, like `like_label`."""
    return ngettext("Repost, %(number)s repost", "Repost, %(number)s reposts", reposts) % {
        "number": compact(reposts) or 0
    }


@register.filter
def reposted_by(by: Reposters) -> SafeString:
    """Return who has reposted a post, with links."""
    people = [
        format_html('<a href="/@{}" dir="auto">{}</a>', person.username, person.name) for person in by.named
    ]
    values: dict[str, object] = dict(zip(("first", "second", "third"), people, strict=False))
    if by.others:
        sentence = ngettext(
            "Reposted by %(first)s, %(second)s and %(others)s other",
            "Reposted by %(first)s, %(second)s and %(others)s others",
            by.others,
        )
    else:
        sentence = (
            _("Reposted by %(first)s"),
            _("Reposted by %(first)s and %(second)s"),
            _("Reposted by %(first)s, %(second)s and %(third)s"),
        )[len(people) - 1]
    return mark_safe(sentence % (values | {"others": by.others}))
