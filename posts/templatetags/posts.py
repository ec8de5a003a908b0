from django import template
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def composer_url(list_id: str | None) -> str:
    """Where a composer sends by script: with the list that is to show what was written; "none" leads to its page."""
    return "" if list_id == "none" else f"/posts?list={list_id or 'timeline'}"


@register.filter
def like_label(likes: int) -> str:
    """What a button says to whom its sign says nothing; like `reply_label` no tag of the card, which is drawn often."""
    return ngettext("Like, %(number)s like", "Like, %(number)s likes", likes) % {"number": likes}


@register.filter
def reply_label(replies: int) -> str:
    return ngettext("Reply, %(number)s reply", "Reply, %(number)s replies", replies) % {"number": replies}
