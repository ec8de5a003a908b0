from django.urls import path

from posts import views

app_name = "posts"
urlpatterns = [
    path("posts", views.write, name="write"),
    path("compose", views.compose, name="compose"),
    path("bookmarks", views.bookmarks, name="bookmarks"),
    path("posts/<int:post_id>", views.permalink, name="permalink"),
    path("posts/<int:post_id>/card", views.card, name="card"),
    path("posts/<int:post_id>/reply", views.quick_reply, name="quick_reply"),
    path("posts/<int:post_id>/like", views.like, name="like"),
    path("posts/<int:post_id>/unlike", views.unlike, name="unlike"),
    path("posts/<int:post_id>/bookmark", views.bookmark, name="bookmark"),
    path("posts/<int:post_id>/unbookmark", views.unbookmark, name="unbookmark"),
    path("posts/<int:post_id>/edit", views.edit, name="edit"),
    path("posts/<int:post_id>/delete", views.delete, name="delete"),
    path("posts/<int:post_id>/history", views.history, name="history"),
    path("@<str:username>/<int:post_id>", views.thread, name="thread"),
]
