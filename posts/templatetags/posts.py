from typing import Any

from django import template
from django.utils.translation import ngettext

from core.templatetags.kith import compact
from posts import composing
from posts.models import Post

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
