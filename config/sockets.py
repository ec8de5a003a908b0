"""WebSocket routes, and the streams that sockets may subscribe to."""

from django.urls import URLPattern, URLResolver, path

from core.consumers import LiveConsumer

urlpatterns: list[URLPattern | URLResolver] = [path("ws/live", LiveConsumer.as_asgi())]

STREAMS: dict[str, str] = {
    "member": "notifications.consumers.MemberStream",
    "post": "posts.consumers.PostStream",
}
