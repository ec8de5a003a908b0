from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts import views
from accounts.models import DataImport

app_name = "accounts"
urlpatterns = [
    path("settings", views.settings, name="settings"),
    path("settings/account", views.account, name="account"),
    path("settings/appearance", views.appearance, name="appearance"),
    path("settings/posting", views.posting, name="posting"),
    path("settings/language", views.language, name="language"),
    path("settings/interests", views.interests, name="interests"),
    path("settings/sessions", views.sessions, name="sessions"),
    path("settings/sessions/<id:session_id>/name", views.name_session, name="name_session"),
    path("settings/sessions/end", views.end_sessions, name="end_sessions"),
    path("settings/invites", views.invites, name="invites"),
    path("settings/invites/<id:invite_id>/revoke", views.revoke_invite, name="revoke_invite"),
    path("invite/<str:code>", views.invite, name="invite"),
    path("accounts/signup/username", views.suggested_username, name="suggested_username"),
    path("accounts/waiting", views.waiting, name="waiting"),
    path("settings/confirm-later", views.confirm_later, name="confirm_later"),
    path("settings/data", views.data, name="data"),
    path("settings/data/exports", views.ask_for_export, name="ask_for_export"),
    path("settings/data/exports/<id:export_id>", views.export_file, name="export_file"),
    path("settings/data/exports/<id:export_id>/delete", views.drop_export, name="drop_export"),
    path("settings/data/imports", views.import_list, name="import_list"),
    path("settings/data/imports/<id:import_id>", views.import_detail, name="import"),
    path("settings/data/imports/<id:import_id>/confirm", views.confirm_import, name="confirm_import"),
    path("settings/data/imports/<id:import_id>/drop", views.drop_import, name="drop_import"),
    path("settings/data/imports/<id:import_id>/file", views.import_file, name="import_file"),
    *(
        path(f"settings/data/{kind}.csv", views.list_file, {"kind": kind}, name=f"{kind}_csv")
        for kind in DataImport.Kind.values
    ),
    path("settings/delete", views.delete, name="delete"),
    path("goodbye", views.goodbye, name="goodbye"),
    path("welcome-back", views.restore, name="return"),
    path("accounts/email/stop/<str:key>", views.stop_address_change, name="stop_address_change"),
    # Before allauth’s views of the same URLs, to add a rule of ours.
    path("accounts/email/", views.email),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", views.confirm_email),
    path("accounts/2fa/totp/activate/", views.activate_totp),
    # For the tokens of a Google button, which this site doesn’t have.
    path("accounts/google/login/token/", views.nothing_here),
    # Signing in with a code sent by email isn’t offered.
    path("accounts/login/code/confirm/", views.nothing_here),
    # In place of allauth’s own list, which shows less.
    path("accounts/sessions/", RedirectView.as_view(pattern_name="accounts:sessions")),
]
