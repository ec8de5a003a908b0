from django.urls import path

from feed import views
from feed.sitemaps import SITEMAPS

app_name = "feed"
urlpatterns = [
    path("sitemap.xml", views.sitemap_index, name="sitemap_index"),
    *(
        path(f"sitemap-{section}.xml", views.sitemap_section, {"section": section}, name=f"sitemap_{section}")
        for section in SITEMAPS
    ),
    path("", views.home, name="home"),
    path("feed.atom", views.atom_latest, name="atom"),
    path("@<str:username>/feed.atom", views.atom_of_member, name="atom_of_member"),
    path("tags/<str:name>/feed.atom", views.atom_of_tag, name="atom_of_tag"),
    path("explore", views.explore, name="explore"),
    path("tags/<str:name>", views.tag, name="tag"),
    path("lists/<id:list_id>", views.list_timeline, name="list"),
    path("suggestions", views.suggestions, name="suggestions"),
    path("suggestions/beside", views.sidebar_suggestions, name="sidebar_suggestions"),
    path("suggestions/<id:user_id>/dismiss", views.dismiss, name="dismiss_suggestion"),
    path("suggestions/<id:user_id>/restore", views.restore, name="restore_suggestion"),
    path("start", views.start, name="start"),
    path("start/profile", views.start_profile, name="start_profile"),
    path("start/people", views.start_people, name="start_people"),
    path("start/post", views.start_post, name="start_post"),
    path("start/leave", views.start_leave, name="start_leave"),
    path("about", views.about, name="about"),
    path("@<str:username>", views.profile, name="profile"),
    path("@<str:username>/card", views.hovercard, name="hovercard"),
    path("@<str:username>/replies", views.replies, name="replies"),
    path("@<str:username>/media", views.media, name="media"),
    path("@<str:username>/likes", views.likes, name="likes"),
]
