from django.urls import path

from moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderation", views.queue, name="queue"),
    path("moderation/signups", views.signups, name="signups"),
    path("moderation/signups/<id:user_id>/decide", views.decide_signup, name="decide_signup"),
    path("moderation/trends", views.trends, name="trends"),
    path("moderation/trends/hide", views.hide_hashtag, name="hide_trend"),
    path("moderation/trends/<id:trend_id>/decide", views.decide_trend, name="decide_trend"),
    path("moderation/rules", views.rules, name="rules"),
    path("moderation/rules/new", views.write_rule, name="new_rule"),
    path("moderation/rules/<id:rule_id>", views.write_rule, name="edit_rule"),
    path("moderation/rules/<id:rule_id>/delete", views.delete_rule, name="delete_rule"),
    path("moderation/rules/built-in/<slug:key>", views.set_built_in, name="built_in_rule"),
    path("moderation/log", views.log, name="log"),
    path("moderation/posts/<id:post_id>", views.case, name="case"),
    path("moderation/posts/<id:post_id>/decide", views.decide, name="decide"),
    path("decisions", views.decisions, name="decisions"),
    path("reports", views.reports, name="reports"),
    path("posts/<id:post_id>/report", views.report, name="report"),
]
