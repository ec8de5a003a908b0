from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.queries import free_username
from core.client import address_group, client_address
from core.rates import Rate, count
from core.refusals import TooMany

SUGGESTIONS = Rate(30, 60)
"""How many usernames are suggested to one address in a minute."""


@require_safe
@never_cache
def suggested_username(request: HttpRequest) -> HttpResponse:
    """Return a username for the email address that is being typed at sign-up (static/js/signup.js)."""
    if not count(f"username:{address_group(client_address(request))}", SUGGESTIONS).allowed:
        raise TooMany
    email = request.GET.get("email", "")[:254]
    return JsonResponse({"username": free_username(email) if email.partition("@")[0].strip() else ""})
