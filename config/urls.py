from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"

urlpatterns = [
    path("", include("core.urls")),
    path("", include("feed.urls")),
    path("", include("posts.urls")),
    path("", include("social.urls")),
    path("", include("accounts.urls")),
    path("", include("media.urls")),
    path("", include("moderation.urls")),
    path("", include("messaging.urls")),
    path("", include("notifications.urls")),
    path("", include("search.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
]
if not settings.S3_BUCKET:
    urlpatterns.append(
        re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})
    )
