from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Member
from accounts.serializers import MemberOut
from core.api import FilteredOut, Id, Input, paged
from core.translatable import translate_stored
from media.serializers import AttachmentOut
from posts.models import Draft, Poll, Post, PostRevision, TagFollow
from posts.queries import LinkPreview, Marks, viewer_marks, visible_root_ids
from posts.quoting import DELETED, HIDDEN, REVOKED, may_quote


class LinkCardOut(serializers.Serializer[LinkPreview]):
    """The preview of the first link in a post. What it says is said by the other site."""

    url = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    site_name = serializers.CharField()
    picture = serializers.CharField(help_text="Its address, or empty.")
    picture_width = serializers.IntegerField()
    picture_height = serializers.IntegerField()
    picture_alt = serializers.CharField()
    post = Id(source="post_id", allow_null=True, help_text="If it is a post of this community.")
    member = Id(source="member_id", allow_null=True, help_text="If it is a profile of this community.")


class PollOptionOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    votes = serializers.IntegerField(allow_null=True, help_text="Null while you can’t see the results.")


class PollOut(serializers.Serializer[Any]):
    """A poll as its viewer sees it. Its author and those who voted see the results before the end, unless
    `hide_results`.
    """

    options = PollOptionOut(many=True)
    multiple = serializers.BooleanField()
    hide_results = serializers.BooleanField(help_text="Nobody sees the results before the end.")
    expires_at = serializers.DateTimeField()
    ended = serializers.BooleanField()
    voters_count = serializers.IntegerField(help_text="How many open accounts voted.")
    voted = serializers.BooleanField()
    own_choices = serializers.ListField(
        child=serializers.IntegerField(), help_text="The indexes of the options you chose."
    )


class ReposterOut(serializers.Serializer[Any]):
    id = Id(read_only=True)
    username = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)


class QuotedPostOut(serializers.ModelSerializer[Post]):
    """A post as its viewer sees it, without what it quotes. The context needs `marks` (viewer_marks), `roots`
    (visible_root_ids) and `viewer`.
    """

    id = Id(read_only=True)
    author = MemberOut(read_only=True)
    is_reply = serializers.BooleanField(read_only=True)
    in_reply_to = serializers.SerializerMethodField(help_text="Null also if you can’t see that post.")
    thread = serializers.SerializerMethodField(
        help_text="The first post of its thread. Null for a first post, and if you can’t see it."
    )
    state_reason = serializers.SerializerMethodField(
        help_text="Why it is held or removed. Only for its author."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    liked = serializers.SerializerMethodField()
    bookmarked = serializers.SerializerMethodField()
    views_count = serializers.SerializerMethodField(
        help_text="How often others saw it, each once an hour. Null for posts by others."
    )
    pinned = serializers.BooleanField(
        source="is_pinned", read_only=True, help_text="To its author's profile."
    )
    poll = serializers.SerializerMethodField(help_text="Null without a poll.")
    can_quote = serializers.SerializerMethodField(
        help_text="Whether you may quote it: everyone must be able to see it, and its author allow it (`quote_policy`)."
    )
    can_reply = serializers.SerializerMethodField(
        help_text="Whether you may reply: false for visitors, and if its author limited replies to others."
    )
    media = serializers.SerializerMethodField(help_text="Its pictures, or its video or sound, in order.")
    link_card = serializers.SerializerMethodField(
        help_text="The preview of its first link, or null. It may appear some seconds after the post."
    )
    reposted = serializers.SerializerMethodField(help_text="You have reposted it.")
    repost_of = serializers.SerializerMethodField(
        help_text="In a list where it is because it was reposted: the id of the post itself. Otherwise null."
    )
    reposted_by = serializers.SerializerMethodField(
        help_text="In such a list: who reposted it, the latest few. Otherwise empty."
    )
    filtered = serializers.SerializerMethodField(
        help_text="In a list: the muted word for which to show the post behind a warning, or null."
    )

    class Meta:
        model = Post
        fields = (
            "id",
            "author",
            "text",
            "html",
            "media",
            "is_reply",
            "in_reply_to",
            "thread",
            "visibility",
            "content_warning",
            "sensitive",
            "language",
            "reply_policy",
            "can_reply",
            "can_quote",
            "is_quote",
            "quote_policy",
            "state",
            "state_reason",
            "created_at",
            "edited_at",
            "likes_count",
            "replies_count",
            "reposts_count",
            "views_count",
            "quotes_count",
            "url",
            "liked",
            "bookmarked",
            "poll",
            "pinned",
            "reposted",
            "repost_of",
            "reposted_by",
            "filtered",
            "link_card",
        )
        extra_kwargs = {
            "likes_count": {"help_text": "Likes by accounts that are open."},
            "replies_count": {
                "help_text": "Replies that anyone can read. Those by private accounts aren't counted."
            },
            "quotes_count": {"help_text": "Quotes that anyone can read, without revoked ones."},
            "is_quote": {"help_text": "It quotes another post, see `quote`."},
            "reposts_count": {"help_text": "Reposts by accounts that are open and public."},
        }

    def get_state_reason(self, post: Post) -> str:
        return translate_stored(post.state_reason)

    def get_in_reply_to(self, post: Post) -> str | None:
        if post.in_reply_to_id is None or post.in_reply_to_id in self._marks.hidden_parents:
            return None
        return str(post.in_reply_to_id)

    def get_thread(self, post: Post) -> str | None:
        if post.root_id == post.in_reply_to_id:
            return self.get_in_reply_to(post)
        return str(post.root_id) if post.root_id in self.context.get("roots", ()) else None

    def get_liked(self, post: Post) -> bool:
        return post.id in self._marks.liked

    def get_bookmarked(self, post: Post) -> bool:
        return post.id in self._marks.bookmarked

    def get_views_count(self, post: Post) -> int | None:
        viewer = self.context.get("viewer")
        return post.views_count if viewer is not None and viewer.pk == post.author_id else None

    @extend_schema_field(PollOut(allow_null=True))
    def get_poll(self, post: Post) -> dict[str, Any] | None:
        poll = self._marks.polls.get(post.id)
        return dict(PollOut(poll).data) if poll else None

    def get_can_reply(self, post: Post) -> bool:
        return self.context.get("is_member", False) and post.is_open and post.id not in self._marks.no_replies

    @extend_schema_field(AttachmentOut(many=True))
    def get_media(self, post: Post) -> Any:
        found = self._marks.media.get(post.id)
        return AttachmentOut(found, many=True).data if found else []

    @extend_schema_field(LinkCardOut(allow_null=True))
    def get_link_card(self, post: Post) -> dict[str, Any] | None:
        card = self._marks.link_cards.get(post.link_card_id or 0)
        return LinkCardOut(card).data if card else None

    def get_can_quote(self, post: Post) -> bool:
        return may_quote(post, self.context.get("viewer"), follows=post.author_id in self._marks.followed)

    def get_reposted(self, post: Post) -> bool:
        return post.id in self._marks.reposted

    def get_repost_of(self, post: Post) -> str | None:
        return str(post.id) if post.id in self._marks.reposters else None

    @extend_schema_field(ReposterOut(many=True))
    def get_reposted_by(self, post: Post) -> Any:
        by = self._marks.reposters.get(post.id)
        return ReposterOut(by.first if by else [], many=True).data

    @extend_schema_field(FilteredOut(allow_null=True))
    def get_filtered(self, post: Post) -> dict[str, str] | None:
        word = self._marks.filtered_words.get(post.id)
        return {"word": word} if word else None

    @property
    def _marks(self) -> Marks:
        marks: Marks = self.context.get("marks") or Marks()
        return marks


class PostOut(QuotedPostOut):
    """A post as its viewer sees it."""

    quote = serializers.SerializerMethodField(
        help_text="The post that it quotes. Null without one, or if it’s not shown."
    )
    quote_state = serializers.SerializerMethodField(
        help_text="Why the quoted post isn’t shown: hidden from you, revoked or deleted by its author. Otherwise empty."
    )

    class Meta(QuotedPostOut.Meta):
        fields = (*QuotedPostOut.Meta.fields, "quote", "quote_state")  # type: ignore[assignment]

    @extend_schema_field(QuotedPostOut(allow_null=True))
    def get_quote(self, post: Post) -> dict[str, Any] | None:
        quoted = self._marks.quotes.get(post.id)
        if quoted is None or quoted.post is None:
            return None
        return dict(QuotedPostOut(quoted.post, context=self.context).data)

    @extend_schema_field(serializers.ChoiceField(["", HIDDEN, REVOKED, DELETED]))
    def get_quote_state(self, post: Post) -> str:
        quoted = self._marks.quotes.get(post.id)
        return quoted.state if quoted else ""


PostPage = paged("Post", PostOut)


def serialize_posts(posts: Iterable[Post], viewer: Member | None) -> list[dict[str, Any]]:
    """Return posts that were read `with_card_fields()` as JSON for this viewer.

    Takes one more query, two when replies to replies are among them, and one more when link cards are.
    """
    posts = list(posts)
    context = {
        "marks": viewer_marks(posts, viewer),
        "roots": visible_root_ids(_with_quoted(posts), viewer),
        "is_member": viewer is not None,
        "viewer": viewer,
    }
    data: Any = PostOut(posts, many=True, context=context).data
    return list(data)


def _with_quoted(posts: list[Post]) -> list[Post]:
    return posts + [post.quoted.post for post in posts if post.quoted and post.quoted.post]


class PollIn(Input):
    options = serializers.ListField(
        child=serializers.CharField(),
        min_length=Poll.OPTIONS_MIN,
        max_length=Poll.OPTIONS_MAX,
        help_text=f"{Poll.OPTIONS_MIN} to {Poll.OPTIONS_MAX} texts of up to {Poll.OPTION_LENGTH_MAX} characters.",
    )
    multiple = serializers.BooleanField(required=False, help_text="Whether a member may choose several.")
    expires_in = serializers.IntegerField(
        required=False,
        min_value=Poll.SECONDS_MIN,
        max_value=Poll.SECONDS_MAX,
        help_text="Seconds until it ends; a day if not given.",
    )
    hide_results = serializers.BooleanField(
        required=False, help_text="Whether nobody sees the results before the end."
    )


class VoteIn(Input):
    choices = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=Poll.OPTIONS_MAX - 1),
        min_length=1,
        max_length=Poll.OPTIONS_MAX,
        help_text="The indexes of the options you choose, from 0.",
    )


class PostIn(Input):
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="May be empty if there is media."
    )
    media = serializers.ListField(
        child=Id(), required=False, help_text="The ids of uploaded files (/api/media), in order."
    )
    in_reply_to = Id(required=False, allow_null=True)
    quote_of = Id(required=False, allow_null=True, help_text="The id of the post that it quotes.")
    visibility = serializers.ChoiceField(
        Post.Visibility.choices,
        required=False,
        help_text="Who may read it. A reply without it is as open as the post it replies to, and never more open.",
    )
    content_warning = serializers.CharField(
        required=False, allow_blank=True, help_text="Shown instead of the post until it is opened."
    )
    sensitive = serializers.BooleanField(
        required=False, help_text="Whether pictures and videos are blurred until they are opened."
    )
    language = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="A BCP 47 tag, like de or pt-BR. Without it, the language is guessed.",
    )
    reply_policy = serializers.ChoiceField(
        Post.ReplyPolicy.choices, required=False, help_text="Who may reply, of those who can read it."
    )
    quote_policy = serializers.ChoiceField(
        Post.QuotePolicy.choices, required=False, help_text="Who may quote it."
    )
    poll = PollIn(required=False, allow_null=True)
    scheduled_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When to send it. It is kept as a draft until then, which is the response.",
    )


class ThreadPostIn(PostIn):
    """A post of a thread or draft: what it replies to and when it is sent is said of all."""

    in_reply_to = None  # type: ignore[assignment]
    scheduled_at = None  # type: ignore[assignment]


class ThreadIn(Input):
    posts = ThreadPostIn(many=True, allow_empty=False, help_text="Up to 25, in order.")
    in_reply_to = Id(required=False, allow_null=True, help_text="What the first one replies to.")


class DraftPostIn(ThreadPostIn):
    text = serializers.CharField(trim_whitespace=False, required=False, allow_blank=True)


class DraftIn(Input):
    posts = DraftPostIn(
        many=True, allow_empty=False, help_text="One post or, for a thread, up to 25, in order."
    )
    in_reply_to = Id(required=False, allow_null=True, help_text="What the first one replies to.")
    scheduled_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When to send it: in a minute at the soonest, in a year at the latest. Null: when you say so.",
    )


class DraftChangesIn(Input):
    posts = DraftPostIn(many=True, required=False, allow_empty=False, help_text="All of them.")
    scheduled_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Null to keep it without a time."
    )


class DraftOut(serializers.ModelSerializer[Draft]):
    """A draft, or a scheduled post. Only its author sees it."""

    id = Id(read_only=True)
    posts = serializers.SerializerMethodField(help_text="What was chosen for each.")
    in_reply_to = Id(source="parent_id", allow_null=True, read_only=True)
    failure = serializers.CharField(
        read_only=True, help_text="Why it couldn’t be sent when it was due, else empty."
    )

    class Meta:
        model = Draft
        fields = ("id", "posts", "in_reply_to", "scheduled_at", "failure", "created_at", "updated_at")

    @extend_schema_field(DraftPostIn(many=True))
    def get_posts(self, draft: Draft) -> list[dict[str, Any]]:
        return list(draft.posts)


class ReplyIn(PostIn):
    in_reply_to = None  # type: ignore[assignment]


class PostEditIn(Input):
    """What isn’t given stays as it is."""

    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    content_warning = serializers.CharField(required=False, allow_blank=True)
    sensitive = serializers.BooleanField(required=False)
    language = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, help_text="Empty: guess it from the text."
    )
    media = serializers.ListField(
        child=Id(), required=False, help_text="All ids, in order: files that are left out are removed."
    )
    media_alts = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="The descriptions of all its files, in their order.",
    )
    poll = PollIn(
        required=False,
        allow_null=True,
        help_text="Null removes it. Other options start the count anew, and those who voted are told.",
    )
    quote_policy = serializers.ChoiceField(
        Post.QuotePolicy.choices, required=False, help_text="Who may quote it from now on."
    )


class RevisedMediaOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    alt = serializers.CharField(help_text="Its description in this version.")


class RevisionOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    content_warning = serializers.CharField()
    language = serializers.CharField()
    written_at = serializers.DateTimeField()
    media = RevisedMediaOut(many=True)
    poll = serializers.SerializerMethodField(help_text="The options of its poll in this version.")

    def get_poll(self, revision: PostRevision) -> list[str]:
        return revision.poll_text.splitlines()


class FollowedTagOut(serializers.ModelSerializer[TagFollow]):
    name = serializers.CharField(source="tag.name", help_text="As it is in addresses: folded.")
    tag = serializers.CharField(source="tag.label", help_text="As it was first written.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = TagFollow
        fields = ("name", "tag", "url")

    def get_url(self, follow: TagFollow) -> str:
        return f"/tags/{quote(follow.tag.name)}"
