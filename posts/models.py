from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, blocked_either_way
from core.fields import SnowflakeField
from core.models import DueQuerySet, DueRow
from core.outbound import URL_MAX
from core.text import TAG_FOLDED_MAX, TAG_MAX
from social.models import Follow

_MEMBER_NOT_ON_CARDS = (
    "password", "email", "bio", "pronouns", "location", "website", "cover", "theme",
    "may_write", "onboarded_at", "deletion_requested_at", "closed_by_staff_at",
)  # fmt: skip
_NOT_ON_CARDS = (
    *(f"author__{name}" for name in _MEMBER_NOT_ON_CARDS),
    *(f"in_reply_to__author__{name}" for name in _MEMBER_NOT_ON_CARDS),
    "in_reply_to__text",
    "in_reply_to__html",
    "in_reply_to__state_reason",
    "in_reply_to__content_warning",
    "in_reply_to__language",
    "in_reply_to__poll_text",
    "in_reply_to__alt_text",
    "in_reply_to__media_count",
    "in_reply_to__pinned_at",
)


def visible(viewer: Member | None) -> Q:
    """Return the rule for who may read which post, used everywhere.

    Everyone may read published posts by active members, except where either has blocked the other. Posts for followers
    and all posts by private accounts need a follow, and posts for mentioned members a mention, which suffices. Authors
    also read their own posts that are pending, held or removed. Moderators read through moderation.queries, which logs
    it.
    """
    published = Q(state=Post.State.PUBLISHED, author__is_active=True)
    for_everyone = Q(author__is_private=False, visibility__in=FOR_EVERYONE)
    if viewer is None:
        return published & for_everyone
    followed = Exists(Follow.objects.by(viewer).filter(followee=OuterRef("author_id")))
    named = Exists(Mention.objects.filter(member=viewer, post=OuterRef("pk")))
    is_for_mentioned = Q(visibility=Post.Visibility.MENTIONED)
    addressed = for_everyone | ~is_for_mentioned & Q(followed) | is_for_mentioned & Q(named)
    return (published & addressed & ~Q(author__in=blocked_either_way(viewer))) | Q(author=viewer) & ~Q(
        state=Post.State.DELETED
    )


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit the posts to what `viewer` may read. Every read goes through it."""
        return self.filter(visible(viewer))

    def listed(self) -> Self:
        """Limit the posts to those that lists of everyone's posts show (explore, tags, trends, search) to whoever may
        read them.
        """
        return self.filter(visibility__in=LISTED)

    def by_author(self, author: Member) -> Self:
        return self.filter(author=author)

    def originals(self) -> Self:
        return self.filter(in_reply_to=None)

    def replies(self) -> Self:
        return self.exclude(in_reply_to=None)

    def pinned(self) -> Self:
        """Limit to the posts pinned to their author's profile, the latest pin first."""
        return self.exclude(pinned_at=None).order_by("-pinned_at", "-id")

    def newest_first(self) -> Self:
        return self.order_by("-id")

    def locked(self) -> Self:
        """Lock the rows until the transaction ends, in the order of ids, so that two transactions that lock several
        never deadlock. Members are locked before posts (accounts.actions.lock_members).
        """
        # "no key": a like that is being inserted refers to the row, and needn't wait.
        return self.order_by("pk").select_for_update(no_key=True, of=("self",))

    def with_card_fields(self) -> Self:
        """Load what a card shows, in one query, and defer what no card shows."""
        return self.select_related("author", "in_reply_to__author").defer(*_NOT_ON_CARDS)


CONTENT_WARNING_MAX = 100


class Post(models.Model):
    """A post or, with `in_reply_to`, a reply. `root` is the first post of its thread, null for a first post."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        PUBLISHED = "published", _("Published")
        HELD = "held", _("Held by review")
        REMOVED = "removed", _("Removed by a moderator")
        DELETED = "deleted", _("Deleted by its author")

    class Visibility(models.TextChoices):
        """From open to narrow: a reply gets the narrower of its own and its parent's (`narrowest`)."""

        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Unlisted")
        FOLLOWERS = "followers", _("Followers")
        MENTIONED = "mentioned", _("People you mention")

        @classmethod
        def narrowest(cls, *chosen: str) -> "Post.Visibility":
            return cls(max(chosen, key=cls.values.index))

    class ReplyPolicy(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        FOLLOWERS = "followers", _("Followers")
        MENTIONED = "mentioned", _("People you mention")

    class QuotePolicy(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        FOLLOWERS = "followers", _("Followers")
        NOBODY = "nobody", _("Nobody")

    id = SnowflakeField(primary_key=True)
    author = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="posts")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text="Safe HTML, rendered by posts.text at each write.")
    poll_text = models.TextField(
        blank=True,
        db_default="",
        help_text="The options of its poll, one a line; empty without a poll. A card needs no query to know.",
    )
    in_reply_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies"
    )
    root = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="thread")
    quote_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="quotes", db_index=False
    )
    is_quote = models.BooleanField(
        default=False, db_default=False, help_text="Also when the row of the quoted post was deleted."
    )
    quote_revoked = models.BooleanField(
        default=False, db_default=False, help_text="The author of the quoted post took it out of this one."
    )
    visibility = models.CharField(
        max_length=9,
        choices=Visibility,
        default=Visibility.PUBLIC,
        db_default=Visibility.PUBLIC.value,
        help_text="Who may read it, once published. Never changes.",
    )
    content_warning = models.CharField(
        max_length=CONTENT_WARNING_MAX,
        blank=True,
        db_default="",
        help_text="Shown instead of the post until opened.",
    )
    sensitive = models.BooleanField(
        default=False, db_default=False, help_text="Pictures and videos are blurred until opened."
    )
    language = models.CharField(
        max_length=12, blank=True, db_default="", help_text="A BCP 47 tag, or unknown."
    )
    reply_policy = models.CharField(
        max_length=9,
        choices=ReplyPolicy,
        default=ReplyPolicy.EVERYONE,
        db_default=ReplyPolicy.EVERYONE.value,
        help_text="Who may reply, of those who can read it.",
    )
    quote_policy = models.CharField(
        max_length=9,
        choices=QuotePolicy,
        default=QuotePolicy.EVERYONE,
        db_default=QuotePolicy.EVERYONE.value,
        help_text="Who may quote it.",
    )
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    state_reason = models.CharField(
        max_length=500,
        blank=True,
        help_text="Why it’s held or removed, shown to its author.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(
        null=True, blank=True, help_text="When its author pinned it to their profile."
    )
    edit_unreviewed = models.BooleanField(
        default=False, help_text="Others can see the current version before it has been reviewed."
    )

    link_card = models.ForeignKey(
        "LinkCard",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        db_index=False,
        help_text="The preview of its first link.",
    )

    likes_count = models.PositiveIntegerField(default=0)
    replies_count = models.PositiveIntegerField(default=0)
    reposts_count = models.PositiveIntegerField(default=0, db_default=0)
    quotes_count = models.PositiveIntegerField(default=0, db_default=0)
    bookmarks_count = models.PositiveIntegerField(default=0)
    views_count = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Views by others, one for each of them and hour; shown to its author.",
    )
    media_count = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Its attachments, so that pages without any don’t ask for them."
    )

    alt_text = models.TextField(
        blank=True,
        db_default="",
        help_text="The descriptions of its attachments, so that all it says is in one row.",
    )

    objects = PostQuerySet.as_manager()

    filtered_word = ""
    """The muted word (or "@name") for which the post is shown behind a warning. No column: posts.muting sets it."""

    quoted: Any = None
    """What it quotes, for a viewer (posts.quoting.Quoted). No column: posts.quoting.load_quoted sets it."""
    newest_repost: int | None = None
    """The id of the newest repost for which a list shows the post. No column: the query of the list annotates it."""
    reposters: Any = None
    """By whom (posts.queries.reposts.Reposters), if the query of the list knows it already."""

    class Meta:
        indexes = [
            models.Index(fields=["author", "-id"], name="post_by_author"),
            models.Index(fields=["in_reply_to", "id"], name="post_replies"),
            models.Index(fields=["root", "id"], name="post_thread"),
            models.Index(
                fields=["quote_of", "-id"], name="post_quotes", condition=models.Q(quote_of__isnull=False)
            ),
            models.Index(fields=["state", "-id"], name="post_state"),
            models.Index(
                fields=["author", "-pinned_at"],
                name="post_pinned",
                condition=models.Q(pinned_at__isnull=False),
            ),
            # Search asks which followed authors have such posts.
            models.Index(
                fields=["author"], name="post_for_followers", condition=models.Q(visibility="followers")
            ),
            models.Index(
                fields=["link_card", "-id"],
                name="post_with_link_card",
                condition=models.Q(link_card__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text[:40]}…" if len(self.text) > 40 else self.text

    def get_absolute_url(self) -> str:
        return self.path

    @property
    def path(self) -> SafeString:
        """The URL of its thread (posts:thread), without the cost of `reverse` for each card."""
        return SafeString(f"/@{self.author.username}/{self.id}")

    @property
    def link(self) -> SafeString:
        """The URL for links; a reply is scrolled into view below its parent."""
        return SafeString(f"{self.path}#post-{self.pk}") if self.is_reply else self.path

    @property
    def key(self) -> SafeString:
        """The id for templates, marked safe, so that a card doesn't escape it twenty times."""
        return SafeString(self.id)

    @property
    def place(self) -> int:
        """Its place in a list of posts and reposts: the newest id for which it is there."""
        return self.newest_repost or self.id

    @property
    def is_reply(self) -> bool:
        return self.in_reply_to_id is not None

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def is_open(self) -> bool:
        """Whether it may be replied to, as far as that depends on its state."""
        return self.state in (self.State.PUBLISHED, self.State.PENDING)

    @property
    def preview(self) -> str:
        """What may be shown of it where it can't be opened: titles, notifications, links on other sites."""
        return self.content_warning or self.text

    @property
    def is_pinned(self) -> bool:
        return self.pinned_at is not None

    @property
    def is_for_everyone(self) -> bool:
        """Whether anyone could read it if its author's account is public: what counters count."""
        return self.visibility in FOR_EVERYONE

    @property
    def words(self) -> str:
        """All that it says: the warning, the text, the options of its poll and the descriptions of its attachments.
        Review and muted words read it.
        """
        parts = (self.content_warning, self.text, self.poll_text, self.alt_text)
        return "\n".join(part for part in parts if part)

    @property
    def can_be_shared(self) -> bool:
        """Whether whoever can read it may repost or quote it: anyone could read it."""
        return self.is_published and self.is_for_everyone and not self.author.is_private

    @property
    def waits_for_moderator(self) -> bool:
        """Whether automatic review is out of time, so that a moderator must decide."""
        waited = timezone.now() - (self.edited_at or self.created_at)
        return self.state == self.State.PENDING and waited.total_seconds() > settings.REVIEW_TIME_LIMIT


FOR_EVERYONE = (Post.Visibility.PUBLIC.value, Post.Visibility.UNLISTED.value)
"""Visible to everyone, unless the author is private."""
LISTED = (Post.Visibility.PUBLIC.value, Post.Visibility.FOLLOWERS.value)
"""In lists of everyone's posts. Posts for followers are listed for them, like those by private accounts."""
EMPTIED: Mapping[str, Any] = {
    "text": "",
    "html": "",
    "content_warning": "",
    "poll_text": "",
    "alt_text": "",
    "quote_of": None,
    "is_quote": False,
    "link_card": None,
    "pinned_at": None,
    "media_count": 0,
    "likes_count": 0,
    "reposts_count": 0,
    "bookmarks_count": 0,
    "views_count": 0,
}
"""What the row of a deleted post has: it stays only to keep the thread together."""


class PostRevision(models.Model):
    """An earlier version of a post, saved when it was edited."""

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    text = models.TextField()
    html = models.TextField()
    poll_text = models.TextField(blank=True, db_default="", help_text="The options of its poll, one a line.")
    content_warning = models.CharField(max_length=CONTENT_WARNING_MAX, blank=True, db_default="")
    language = models.CharField(max_length=12, blank=True, db_default="")
    written_at = models.DateTimeField(help_text="When this version was written.")
    unreviewed = models.BooleanField(
        default=False, help_text="Replaced before it was reviewed: only its author can see it."
    )
    media = models.JSONField(
        default=list,
        blank=True,
        help_text="Its attachments: id, kind and alt of each. Their files aren’t kept.",
    )

    def __str__(self) -> str:
        return f"{self.post_id} at {self.written_at}"


class Like(models.Model):
    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="likes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member"], name="like_once")]
        indexes = [models.Index(fields=["member", "-id"], name="like_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} likes {self.post_id}"


class RepostQuerySet(models.QuerySet["Repost"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit the reposts to those by members whose posts `viewer` may read. The reposted post has its own rule."""
        is_public = Q(member__is_private=False)
        if viewer is None:
            return self.filter(is_public, member__is_active=True)
        followed = Exists(Follow.objects.by(viewer).filter(followee=OuterRef("member_id")))
        readable = Q(member__is_active=True) & (is_public | Q(followed))
        return self.filter(readable & ~Q(member__in=blocked_either_way(viewer)) | Q(member=viewer))


class Repost(models.Model):
    """A member shares a post with their followers. Its id sorts by time, among posts too."""

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reposts")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reposts")

    objects = RepostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member"], name="repost_once")]
        indexes = [models.Index(fields=["member", "-id"], name="repost_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} reposts {self.post_id}"


class Bookmark(models.Model):
    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="bookmarks")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="bookmarks")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member"], name="bookmark_once")]
        indexes = [models.Index(fields=["member", "-id"], name="bookmark_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} bookmarks {self.post_id}"


class Mention(models.Model):
    """A member is mentioned in a post. Those of a post for mentioned members are its readers, among them the author of
    the post that it replies to.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="mentioned_in")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.post_id} mentions {self.member_id}"


class Tag(models.Model):
    """A hashtag. `name` is folded (core.text.fold_tag), `label` is as first written in a public post."""

    id = SnowflakeField(primary_key=True)
    name = models.CharField(max_length=TAG_FOLDED_MAX, unique=True)
    label = models.CharField(max_length=TAG_MAX)

    def __str__(self) -> str:
        return f"#{self.label}"


class PostTag(models.Model):
    """A post has a tag. `post_id` sorts by time, so a tag's latest posts need no join."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="posts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "tag"], name="tag_once")]
        indexes = [models.Index(fields=["tag", "-post"], name="tag_newest")]

    def __str__(self) -> str:
        return f"{self.post_id} #{self.tag_id}"


class TagFollow(models.Model):
    """A member follows a tag: posts with it appear in their home feed."""

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="followed_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="followers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "tag"], name="tag_follow_once")]
        indexes = [models.Index(fields=["member", "-id"], name="tag_follow_by")]

    def __str__(self) -> str:
        return f"{self.member_id} follows #{self.tag_id}"


class ThreadMute(models.Model):
    """A member has muted the thread that begins with `root`: no notifications about it."""

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="muted_threads")
    root = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "root"], name="thread_mute_once")]

    def __str__(self) -> str:
        return f"{self.member_id} mutes {self.root_id}"


class Poll(DueRow):
    """The poll of a post. Its durable job tells its author and everyone who voted that it has ended."""

    WAITING = Q(told_at=None)
    OPTIONS_MIN, OPTIONS_MAX, OPTION_LENGTH_MAX = 2, 6, 50
    SECONDS_MIN, SECONDS_MAX, SECONDS_DEFAULT = 5 * 60, 30 * 86_400, 86_400

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="poll")
    is_multiple = models.BooleanField(default=False, help_text="Whether a member may choose several options.")
    hide_results = models.BooleanField(default=False, help_text="Nobody sees the results before the end.")
    expires_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="When everyone was told that it ended.")
    voters_count = models.PositiveIntegerField(default=0)

    objects = DueQuerySet["Poll"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="poll_due", condition=Q(told_at=None))]

    def __str__(self) -> str:
        return f"Poll of {self.pk}"

    @property
    def has_ended(self) -> bool:
        return self.expires_at <= timezone.now()


class PollOption(models.Model):
    id = SnowflakeField(primary_key=True)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="options")
    index = models.PositiveSmallIntegerField(help_text="Its place, from 0.")
    text = models.CharField(max_length=Poll.OPTION_LENGTH_MAX)
    votes_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "index"], name="poll_option_once")]

    def __str__(self) -> str:
        return self.text


class Vote(models.Model):
    """A member chose an option. Who chose several has a row for each: the row with `place` 0 counts the voter."""

    id = SnowflakeField(primary_key=True)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="votes")
    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="votes")
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "member", "place"], name="vote_once"),
            models.UniqueConstraint(fields=["option", "member"], name="vote_for_option_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} votes in {self.poll_id}"


class LinkCard(DueRow):
    """The preview of a link: one for all posts that link to the same URL.

    A card of this community's own pages has a `post` or a `member` and no texts: what it shows is read for each viewer
    (posts.queries.link_cards).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Not fetched yet")
        READY = "ready", _("Ready")
        EMPTY = "empty", _("Nothing to show")
        REMOVED = "removed", _("Removed by a moderator")

    WAITING = Q(is_wanted=True)

    id = SnowflakeField(primary_key=True)
    url = models.CharField(max_length=URL_MAX, unique=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    is_wanted = models.BooleanField(default=True, help_text="Will be fetched, or fetched again.")
    title = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=400, blank=True)
    site_name = models.CharField(max_length=100, blank=True)
    picture = models.ImageField(upload_to="link-cards", blank=True)
    picture_width = models.PositiveIntegerField(default=0)
    picture_height = models.PositiveIntegerField(default=0)
    picture_alt = models.CharField(max_length=300, blank=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    linked_at = models.DateTimeField(default=timezone.now, help_text="When it was last linked, to the hour.")
    fetched_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True, help_text="Why the last attempt got nothing.")

    objects = DueQuerySet["LinkCard"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="link_card_due", condition=Q(is_wanted=True)),
            models.Index(fields=["linked_at"], name="link_card_linked"),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_own(self) -> bool:
        """Whether it is a page of this community."""
        return bool(self.post_id or self.member_id)


class DraftQuerySet(DueQuerySet["Draft"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to what the viewer wrote: nobody else sees a draft."""
        return self.filter(author=viewer) if viewer else self.none()

    def scheduled(self) -> Self:
        return self.exclude(scheduled_at=None)

    def unscheduled(self) -> Self:
        return self.filter(scheduled_at=None)


class Draft(DueRow):
    """A post, or a thread of several, that its author hasn't sent. Its durable job sends it when it is scheduled; what
    can't be sent then stays as a draft, with the reason.
    """

    WAITING = Q(scheduled_at__isnull=False)

    id = SnowflakeField(primary_key=True)
    author = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="drafts")
    posts = models.JSONField(help_text="Text and options (PostOptions) of each post, in order.")
    # No foreign key: the reply to a post whose row is gone must not become a post of its own.
    parent_id = models.BigIntegerField(null=True, blank=True, help_text="The post it replies to.")
    scheduled_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(
        max_length=500, blank=True, help_text="Why it couldn’t be sent, in its author’s language."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["author", "-updated_at", "-id"], name="draft_of_author"),
            models.Index(fields=["due_at"], name="draft_due", condition=Q(scheduled_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Draft {self.pk} of {self.author_id}"

    @property
    def first_text(self) -> str:
        return str(self.posts[0].get("text", "")) if self.posts else ""
