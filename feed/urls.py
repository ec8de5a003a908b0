from django.urls import path

from feed import views

app_name = "feed"
urlpatterns = [
    path("", views.home, name="home"),
    path("explore", views.explore, name="explore"),
    path("tags/<str:name>", views.tag, name="tag"),
    path("about", views.about, name="about"),
    path("@<str:username>", views.profile, name="profile"),
    path("@<str:username>/replies", views.replies, name="replies"),
    path("@<str:username>/likes", views.likes, name="likes"),
]
