from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.http import signed_in
from feed.queries.lists import list_timeline
from feed.views.lists import render_posts
from social.queries.lists import own_list


@require_safe
def people_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """What the people on one's list write; for everybody else there is no such list."""
    viewer = signed_in(request)
    found = own_list(list_id, viewer)
    page = list_timeline(found, viewer=viewer, cursor=request.GET.get("cursor"))
    return render_posts(request, "feed/list.html", page, list=found, nav="lists")
