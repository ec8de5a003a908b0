from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as of_kith

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def hello(request: HttpRequest) -> HttpResponse:
    """Return a fixed text: floor D, only Django, the site’s middleware and the server."""
    return HttpResponse("Hello, world!", content_type="text/plain")


urlpatterns = [path("bench/hello", hello), *of_kith]
