from django.urls import path

from social import views

app_name = "social"
urlpatterns = [
    path("@<str:username>/follow", views.follow, name="follow"),
    path("@<str:username>/unfollow", views.unfollow, name="unfollow"),
    path("@<str:username>/hide-reposts", views.hide_reposts, name="hide_reposts"),
    path("@<str:username>/unhide-reposts", views.unhide_reposts, name="unhide_reposts"),
    path("@<str:username>/remove-follower", views.remove, name="remove_follower"),
    path("@<str:username>/block", views.block, name="block"),
    path("@<str:username>/unblock", views.unblock, name="unblock"),
    path("follow-requests", views.follow_requests, name="follow_requests"),
    path("follow-requests/approve-all", views.approve_all, name="approve_all_requests"),
    path("follow-requests/@<str:username>/approve", views.approve, name="approve_request"),
    path("follow-requests/@<str:username>/refuse", views.decline, name="decline_request"),
    path("settings/privacy", views.privacy, name="privacy"),
    path("settings/blocked", views.blocked, name="blocked"),
    path("@<str:username>/mute", views.mute, name="mute"),
    path("@<str:username>/unmute", views.unmute, name="unmute"),
    path("settings/muted", views.muted, name="muted"),
    path("settings/words", views.muted_words, name="muted_words"),
    path("settings/words/<id:word_id>", views.edit_word, name="edit_muted_word"),
    path("settings/words/<id:word_id>/remove", views.remove_word, name="remove_muted_word"),
    path("lists", views.own_lists, name="lists"),
    path("lists/new", views.new_list, name="new_list"),
    path("lists/<id:list_id>/edit", views.edit_list, name="edit_list"),
    path("lists/<id:list_id>/delete", views.delete_list, name="delete_list"),
    path("lists/<id:list_id>/people/<str:username>/add", views.list_add, name="list_add"),
    path("lists/<id:list_id>/people/<str:username>/remove", views.list_remove, name="list_remove"),
    path("@<str:username>/lists", views.list_choice, name="list_choice"),
    path("@<str:username>/followers", views.followers, name="followers"),
    path("@<str:username>/followers/known", views.known_followers, name="known_followers"),
    path("@<str:username>/following", views.following, name="following"),
]
