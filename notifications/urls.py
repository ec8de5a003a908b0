from django.urls import URLPattern, URLResolver, path

from notifications import views

app_name = "notifications"
urlpatterns: list[URLPattern | URLResolver] = [
    path("notifications", views.page, name="list"),
    path("settings/notifications", views.settings, name="settings"),
    path("notifications/seen", views.seen, name="seen"),
    path("notifications/read", views.read_all, name="read_all"),
    path("notifications/<id:notification_id>/open", views.open_notification, name="open"),
    path("notifications/<id:notification_id>/read", views.read, name="read"),
    path("notifications/<id:notification_id>/row", views.row, name="row"),
    path("notifications/<id:notification_id>/line", views.line, name="line"),
]
