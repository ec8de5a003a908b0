from typing import Any

# Imported so that they are registered, and can be replaced by versions without secrets.
import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import actions
from accounts.http import signed_in
from accounts.models import Invite, InviteUse, Member, SignupRequest
from core.admin import ReadOnlyAdmin
from core.refusals import Refusal

# The site's sign-in: the same limits, second factor and list of sessions.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(Member)
class MemberAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = (
        "username", "display_name", "email", "is_verified", "is_moderator", "is_staff", "is_active", "joined_at",
        "posts_count", "followers_count",
    )  # fmt: skip
    list_filter = ("is_active", "is_verified", "is_moderator", "is_staff", "is_simulated", "joined_at")
    search_fields = ("=id", "username", "display_name", "email")
    ordering = ("-id",)
    date_hierarchy = None
    filter_horizontal = ()
    actions = (
        "grant_badge", "revoke_badge", "make_moderator", "unmake_moderator", "sign_out", "deactivate", "reactivate",
        "erase",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("id", "username", "email", "change_password", "joined_at", "last_login")}),
        (
            "Profile",
            {"fields": ("display_name", "bio", "pronouns", "location", "website", "avatar", "cover")},
        ),
        (
            "Standing",
            {
                "fields": (
                    "is_active",
                    "deletion_requested_at",
                    "closed_by_staff_at",
                    "is_verified",
                    "is_moderator",
                    "is_staff",
                    "is_simulated",
                )
            },
        ),
        ("Counts", {"fields": ("followers_count", "following_count", "posts_count")}),
    )
    readonly_fields = (
        "id", "username", "email", "change_password", "joined_at", "last_login", "avatar", "cover", "is_active",
        "deletion_requested_at", "closed_by_staff_at", "is_verified", "is_moderator", "is_staff", "is_simulated",
        "followers_count", "following_count", "posts_count",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # UserAdmin's own form shows the password hash.
        return admin.ModelAdmin.get_form(self, request, obj, change=change, **kwargs)

    form = ModelForm

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "website":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        fields = {
            name: form.cleaned_data[name] for name in actions.PROFILE_FIELDS if name in form.changed_data
        }
        if fields:
            try:
                actions.edit_profile(member=obj, by=signed_in(request), **fields)
            except Refusal as refusal:
                self.message_user(request, _sentence(refusal), messages.ERROR)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            member = Member.objects.get(pk=id)
            here = request.session.session_key if member == request.user else None
            actions.end_sessions(member=member, by=signed_in(request), spare=here)
        return response

    @admin.display(description="password")
    def change_password(self, member: Member) -> SafeString:
        url = reverse("admin:auth_user_password_change", args=[member.pk])
        return format_html('<a href="{}">Set a new password</a>', url)

    @admin.action(description="Grant the verified badge")
    def grant_badge(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.grant_badge, "now have the badge")

    @admin.action(description="Remove the verified badge")
    def revoke_badge(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.revoke_badge, "no longer have the badge")

    @admin.action(description="Make moderators")
    def make_moderator(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.make_moderator, "are now moderators")

    @admin.action(description="Remove moderator rights")
    def unmake_moderator(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.unmake_moderator, "are no longer moderators")

    @admin.action(description="Sign out everywhere")
    def sign_out(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.end_sessions, "signed out")

    @admin.action(description="Suspend accounts")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.deactivate_member, "suspended")

    @admin.action(description="Reinstate accounts")
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.reactivate_member, "reinstated")

    @admin.action(description="Delete permanently (can’t be undone)")
    def erase(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._each(request, queryset, actions.erase_now, "closed and will be deleted within minutes")

    def _each(self, request: HttpRequest, queryset: QuerySet[Member], act: Any, outcome: str) -> None:
        changed = 0
        for member in queryset:
            try:
                changed += bool(act(member=member, by=signed_in(request)))
            except Refusal as refusal:
                self.message_user(request, f"@{member.username}: {_sentence(refusal)}", messages.ERROR)
        self.message_user(request, f"{changed} of {len(queryset)} {outcome}.", messages.SUCCESS)


def _sentence(refusal: Refusal) -> str:
    return " ".join([refusal.message, *(error for errors in refusal.fields.values() for error in errors)])


class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__username")
    list_select_related = ("user",)


class UserSessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "ip", "user_agent", "created_at", "last_seen_at")
    search_fields = ("user__username", "ip")
    list_select_related = ("user",)
    exclude = ("session_key", "data")


class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username",)
    list_select_related = ("user",)
    exclude = ("data",)


class SocialAccountAdmin(ReadOnlyAdmin):
    list_display = ("user", "provider", "uid", "last_login")
    list_filter = ("provider",)
    search_fields = ("uid", "user__username")
    list_select_related = ("user",)
    exclude = ("extra_data",)


for _model, _admin in (
    (EmailAddress, EmailAddressAdmin),
    (UserSession, UserSessionAdmin),
    (Authenticator, AuthenticatorAdmin),
    (SocialAccount, SocialAccountAdmin),
):
    admin.site.unregister(_model)
    admin.site.register(_model, _admin)
# Providers are set in the environment and tokens aren't stored: these tables could only have secrets.
for _secret in (SocialApp, SocialToken):
    admin.site.unregister(_secret)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Shows only the time: with a key, anyone could sign in."""

    list_display = ("expire_date",)
    list_display_links = None
    exclude = ("session_key", "session_data")


@admin.register(SignupRequest)
class SignupRequestAdmin(ReadOnlyAdmin):
    """Read only; moderators decide under /moderation/signups."""

    list_display = ("member", "outcome", "created_at", "decided_by", "decided_at")
    list_filter = ("outcome",)
    search_fields = ("member__username", "reason")
    list_select_related = ("member", "decided_by")


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    """Without the code, with which anyone could join."""

    list_display = ("id", "by", "note", "uses", "uses_at_most", "created_at", "expires_at", "revoked_at")
    search_fields = ("=id", "by__username", "note")
    list_select_related = ("by",)
    exclude = ("code",)


@admin.register(InviteUse)
class InviteUseAdmin(ReadOnlyAdmin):
    list_display = ("member", "invite", "at")
    search_fields = ("member__username", "=invite__id", "invite__by__username")
    list_select_related = ("member", "invite")
