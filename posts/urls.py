from django.urls import path

from posts import views

app_name = "posts"
urlpatterns = [
    path("posts", views.write, name="write"),
    path("compose", views.compose, name="compose"),
    path("bookmarks", views.bookmarks, name="bookmarks"),
    path("posts/<id:post_id>", views.permalink, name="permalink"),
    path("posts/<id:post_id>/card", views.card, name="card"),
    path("posts/<id:post_id>/media", views.media, name="media"),
    path("posts/<id:post_id>/picture.jpg", views.public_picture, name="public_picture"),
    path("posts/<id:post_id>/menu", views.menu, name="menu"),
    path("posts/<id:post_id>/reply", views.quick_reply, name="quick_reply"),
    path("posts/<id:post_id>/like", views.like, name="like"),
    path("posts/<id:post_id>/unlike", views.unlike, name="unlike"),
    path("posts/<id:post_id>/pin", views.pin, name="pin"),
    path("posts/<id:post_id>/unpin", views.unpin, name="unpin"),
    path("posts/<id:post_id>/poll", views.poll, name="poll"),
    path("posts/<id:post_id>/vote", views.vote, name="vote"),
    path("posts/<id:post_id>/repost", views.repost, name="repost"),
    path("posts/<id:post_id>/undo-repost", views.undo_repost, name="undo_repost"),
    path("posts/<id:post_id>/reposts", views.reposts, name="reposts"),
    path("posts/<id:post_id>/bookmark", views.bookmark, name="bookmark"),
    path("posts/<id:post_id>/unbookmark", views.unbookmark, name="unbookmark"),
    path("posts/<id:post_id>/mute-thread", views.mute_thread, name="mute_thread"),
    path("posts/<id:post_id>/unmute-thread", views.unmute_thread, name="unmute_thread"),
    path("posts/<id:post_id>/edit", views.edit, name="edit"),
    path("posts/<id:post_id>/delete", views.delete, name="delete"),
    path("posts/<id:post_id>/history", views.history, name="history"),
    path("tags/<str:name>/follow", views.follow_tag, name="follow_tag"),
    path("tags/<str:name>/unfollow", views.unfollow_tag, name="unfollow_tag"),
    path("followed-tags", views.followed_tags, name="followed_tags"),
    path("@<str:username>/<id:post_id>", views.thread, name="thread"),
]
