from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from core.views import absent, stored_file

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
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
    # allauth’s views for phone numbers, which members don’t have, would fail.
    *(
        path(f"_allauth/app/v1/{door}", absent)
        for door in ("account/phone", "auth/phone/verify", "auth/phone/verify/resend")
    ),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("accounts.headless")),
    path("_allauth/", include("allauth.headless.urls")),
]
if not settings.S3_BUCKET:
    urlpatterns.append(path("media/<path:name>", stored_file))
