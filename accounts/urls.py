from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings", views.settings, name="settings"),
    path("settings/profile", views.profile, name="profile"),
    path("settings/account", views.account, name="account"),
    path("settings/appearance", views.appearance, name="appearance"),
    path("settings/sessions", views.sessions, name="sessions"),
    path("settings/sessions/end", views.end_sessions, name="end_sessions"),
    # allauth's own list, by its address: ours says more.
    path("accounts/sessions/", RedirectView.as_view(pattern_name="accounts:sessions")),
]
