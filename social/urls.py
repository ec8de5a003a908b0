from django.urls import path

from social import views

app_name = "social"
urlpatterns = [
    path("@<str:username>/follow", views.follow, name="follow"),
    path("@<str:username>/unfollow", views.unfollow, name="unfollow"),
    path("lists", views.own_lists, name="lists"),
    path("lists/new", views.new_list, name="new_list"),
    path("lists/<id:list_id>/edit", views.edit_list, name="edit_list"),
    path("lists/<id:list_id>/delete", views.delete_list, name="delete_list"),
    path("lists/<id:list_id>/people/<str:username>/add", views.list_add, name="list_add"),
    path("lists/<id:list_id>/people/<str:username>/remove", views.list_remove, name="list_remove"),
    path("@<str:username>/lists", views.list_choice, name="list_choice"),
    path("@<str:username>/followers", views.followers, name="followers"),
    path("@<str:username>/following", views.following, name="following"),
]
