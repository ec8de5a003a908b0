"""ASGI application: sockets under uvicorn; in the embedded default, pages too."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from config.sockets import urlpatterns
from core.bodies import BodyLimit
from core.outages import UnavailableMiddleware
from core.private_files import keep_private
from core.requests import Utf8ASGIRequest
from core.socket_auth import TokenOrSession

django_application.request_class = Utf8ASGIRequest
keep_private()
sockets = URLRouter(urlpatterns)
application = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application),
        "websocket": UnavailableMiddleware(
            TokenOrSession(sockets, page=AllowedHostsOriginValidator(AuthMiddlewareStack(sockets)))
        ),
    }
)
