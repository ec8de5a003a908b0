from django.urls import path

from media import views

app_name = "media"
urlpatterns = [
    path("attachments/<str:key>", views.attachment, name="attachment"),
    path("settings/profile", views.profile, name="profile"),
]
