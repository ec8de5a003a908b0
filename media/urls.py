from django.urls import path

from media import views

app_name = "media"
urlpatterns = [
    path("attachments/<str:key>", views.attachment, name="attachment"),
    path("settings/files", views.files, name="files"),
    path("settings/files/<id:media_id>/retry", views.retry, name="retry"),
    path("settings/files/<id:media_id>/captions", views.captions, name="captions"),
    path("settings/files/<id:media_id>/delete", views.delete_file, name="delete_file"),
    path("settings/profile", views.profile, name="profile"),
]
