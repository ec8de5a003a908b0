from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("messages", views.inbox, name="inbox"),
    path("messages/with/<str:username>", views.with_member, name="with"),
    path("messages/<id:conversation_id>", views.conversation, name="conversation"),
    path("messages/<id:conversation_id>/since", views.since, name="since"),
    path("messages/<id:conversation_id>/row", views.row, name="row"),
    path("messages/<id:conversation_id>/read", views.read, name="read"),
    path("messages/<id:conversation_id>/<id:message_id>/seen", views.seen, name="seen"),
    path("messages/<id:conversation_id>/<id:message_id>/delete", views.delete, name="delete"),
]
