from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.http import signed_in
from feed.queries import lists
from feed.views.lists import render_posts
from social.queries.lists import own_list


@require_safe
def list_timeline(request: HttpRequest, list_id: int) -> HttpResponse:
    """Show the feed of your list. For everyone else the list doesn’t exist."""
    viewer = signed_in(request)
    found = own_list(list_id, viewer)
    page = lists.list_timeline(found, viewer=viewer, cursor=request.GET.get("cursor"))
    return render_posts(request, "feed/list.html", page, list=found, nav="lists")
