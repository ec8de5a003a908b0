import secrets

from django import template

register = template.Library()


@register.simple_tag
def new_key() -> str:
    """For a form that, sent twice, is to have one effect."""
    return secrets.token_urlsafe(12)


@register.filter
def composer_url(list_id: str | None) -> str:
    """Where a composer sends by script: with the list that is to show what was written. "none": without script."""
    return "" if list_id == "none" else f"/posts?list={list_id or 'timeline'}"
