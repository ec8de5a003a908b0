from django.urls import path

from moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderation", views.queue, name="queue"),
    path("moderation/signups", views.signups, name="signups"),
    path("moderation/signups/<id:user_id>/decide", views.decide_signup, name="decide_signup"),
    path("moderation/log", views.log, name="log"),
    path("moderation/posts/<id:post_id>", views.case, name="case"),
    path("moderation/posts/<id:post_id>/decide", views.decide, name="decide"),
    path("reports", views.reports, name="reports"),
    path("posts/<id:post_id>/report", views.report, name="report"),
]
