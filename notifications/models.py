from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.fields import SnowflakeField
from moderation.models import Decision, Report
from posts.models import Draft, Post
from social.queries import muted_ids


class NotificationKind(models.TextChoices):
    LIKE = "like", "Like"
    REPOST = "repost", "Repost"
    REPLY = "reply", "Reply"
    QUOTE = "quote", "Quote"
    MENTION = "mention", "Mention"
    FOLLOW = "follow", "Follow"
    FOLLOW_REQUEST = "request", "Follow request"
    FOLLOW_ACCEPTED = "accepted", "Follow request accepted"
    DECISION = "decision", "Decision about one's post"
    REPORT = "report", "Outcome of one's report"
    POLL = "poll", "Poll ended"
    REVOTE = "revote", "Changed poll"
    UNSENT = "unsent", "Scheduled post not sent"


class FromWhom(models.TextChoices):
    ANYONE = "anyone", _("Anyone")
    FOLLOWED = "followed", _("People I follow")


def _about_visible_post_or_none(viewer: Member | None) -> Q:
    """Return the condition: about a post that this viewer may see, or about no post."""
    return Q(post=None) | Q(Exists(Post.objects.visible_to(viewer).filter(pk=OuterRef("post_id"))))


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to the viewer’s own, not withdrawn, by actors and about posts that they may see, and not by muted
        members. Notifications from moderators, and of the end of one’s own poll, have no actor.
        """
        if viewer is None:
            return self.none()
        actor = Member.objects.visible_to(viewer).filter(pk=OuterRef("actor_id"))
        theirs = self.filter(
            Q(actor=None) | Q(Exists(actor)),
            _about_visible_post_or_none(viewer),
            member=viewer,
            withdrawn_at=None,
        )
        return theirs.exclude(actor__in=muted_ids(viewer, notifications=True))

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def unseen(self) -> Self:
        """Return what arrived since the member last opened the notifications page."""
        return self.filter(seen_at=None)

    def conversations(self) -> Self:
        """Limit to replies, quotes and mentions."""
        return self.filter(
            kind__in=[NotificationKind.REPLY, NotificationKind.QUOTE, NotificationKind.MENTION]
        )

    def with_related(self) -> Self:
        return self.select_related("actor", "post__author", "decision", "report")


class GroupQuerySet(models.QuerySet["NotificationGroup"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to groups with a notification that the viewer may see."""
        if viewer is None:
            return self.none()
        left = Notification.objects.visible_to(viewer).filter(group=OuterRef("pk"))
        return self.filter(Exists(left), _about_visible_post_or_none(viewer), member=viewer)

    def with_related(self) -> Self:
        return self.select_related("post__author")


class NotificationGroup(models.Model):
    """The notifications of one kind, about one post, on one day, which the page shows as one entry.

    The row only groups them. Who did it, how many, what is unread and the entry’s place in the list are read from the
    notifications that the viewer may see, so an empty group isn’t shown.
    """

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notification_groups")
    kind = models.CharField(max_length=8, choices=NotificationKind)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    day = models.DateField(help_text="Day (UTC) of the first notification.")

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "post", "day"],
                condition=~Q(post=None),
                name="notification_group_once",
            ),
            models.UniqueConstraint(
                fields=["member", "kind", "day"],
                condition=Q(post=None),
                name="notification_group_without_post_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.member_id} on {self.day}"


class Notification(models.Model):
    """Tells `member` what `actor` did, or what moderators decided, without naming them.

    If it is undone, it is withdrawn and not deleted, so that liking, unliking and liking again notifies nobody twice.
    """

    id = SnowflakeField(primary_key=True)
    group = models.ForeignKey(NotificationGroup, on_delete=models.CASCADE, related_name="notifications")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=8, choices=NotificationKind)
    actor = models.ForeignKey(
        Member,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty for notifications from moderation, and of the end of one’s own poll.",
    )
    decision = models.ForeignKey(
        Decision,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        help_text="Decision about the member’s post.",
    )
    report = models.ForeignKey(
        Report,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        help_text="Report by the member.",
    )
    draft = models.ForeignKey(
        Draft,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        help_text="The member’s scheduled post that couldn’t be sent.",
    )
    post = models.ForeignKey(
        Post,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        help_text="The post liked, the reply, or the post with the mention.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(
        null=True, blank=True, help_text="When the member opened the notifications page after it arrived."
    )
    read_at = models.DateTimeField(
        null=True, blank=True, help_text="When the member opened it, or marked it."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "actor", "post"],
                condition=~Q(post=None),
                name="notification_once",
            ),
            models.UniqueConstraint(
                fields=["member", "kind", "actor"],
                condition=Q(post=None),
                name="notification_without_post_once",
            ),
            models.UniqueConstraint(
                fields=["decision"], condition=~Q(decision=None), name="notification_of_decision_once"
            ),
            models.UniqueConstraint(
                fields=["draft"],
                condition=~Q(draft=None) & Q(withdrawn_at=None),
                name="notification_of_unsent_draft_once",
            ),
            models.UniqueConstraint(
                fields=["report"],
                condition=~Q(report=None) & Q(withdrawn_at=None),
                name="notification_of_outcome_once",
            ),
            models.UniqueConstraint(
                fields=["member", "post"],
                condition=Q(kind="poll", actor=None),
                name="notification_of_own_poll_once",
            ),
            models.CheckConstraint(
                condition=Q(actor__isnull=False, decision=None, report=None, draft=None)
                | Q(actor=None, decision__isnull=False, report=None, draft=None)
                | Q(actor=None, decision=None, report__isnull=False, draft=None)
                | Q(actor=None, decision=None, report=None, draft__isnull=False)
                | Q(kind="poll", actor=None, decision=None, report=None, draft=None),
                name="notification_by_somebody_or_of_moderation",
            ),
            models.CheckConstraint(
                condition=~Q(member=models.F("actor")), name="notification_never_of_ones_own_act"
            ),
        ]
        indexes = [
            models.Index(fields=["group", "-id"], name="notification_in_group"),
            models.Index(
                fields=["member", "-id"], name="notification_of_member", condition=Q(withdrawn_at=None)
            ),
            models.Index(
                fields=["member", "-id"],
                name="notification_unread",
                condition=Q(read_at=None, withdrawn_at=None),
            ),
            models.Index(
                fields=["member", "-id"],
                name="notification_unseen",
                condition=Q(seen_at=None, withdrawn_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id or 'moderation'} {self.kind} → {self.member_id}"

    def get_absolute_url(self) -> str:
        """Return the URL of what it is about: the post, the follow requests, the draft, the member’s reports, or the
        actor.
        """
        if self.kind == NotificationKind.FOLLOW_REQUEST:
            return reverse("social:follow_requests")
        if self.post is not None:
            return self.post.get_absolute_url()
        if self.kind == NotificationKind.UNSENT:
            return reverse("posts:draft", args=[self.draft_id])
        return self.actor.get_absolute_url() if self.actor else reverse("moderation:reports")

    @property
    def open_url(self) -> str:
        """Return the URL that marks it as read and redirects there."""
        return reverse("notifications:open", args=[self.id])


class Preference(models.Model):
    """What a member wants to be notified of, for one kind. Without a row: everything, from anyone."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=8, choices=NotificationKind)
    in_page = models.BooleanField(default=True, help_text="Shown on the notifications page.")
    from_whom = models.CharField(max_length=8, choices=FromWhom, default=FromWhom.ANYONE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="notification_preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} about {self.kind}"
