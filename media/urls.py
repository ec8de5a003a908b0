from django.urls import path

from media import views

app_name = "media"
urlpatterns = [
    path("settings/avatar", views.avatar, name="avatar"),
    path("settings/cover", views.cover, name="cover"),
]
