"""Complete a mention or a hashtag while it is typed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.db import begins_with
from core.ids import id_at
from core.rates import Rate, count
from core.refusals import Invalid, TooMany
from core.text import TAG_MAX, fold_tag
from core.words import fold
from posts.models import Post, PostTag, Tag, TagFollow
from search.analysis import parse_query
from search.engines import database_engine
from social.models import Follow

OFFERED = 8
MAX_LENGTH = TAG_MAX + 1
RATE = Rate(240, 60)
"""Per member: every letter typed is a request."""
LATELY = timedelta(days=30)
TAGS_KEPT = 30
KEPT_SECONDS = 60


@dataclass(frozen=True)
class Completions:
    """What to offer for the text typed so far, best first: people for "@an", hashtags for "#ga"."""

    people: list[Member] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.people or self.tags)


def completions(typed: str, *, viewer: Member, size: int = OFFERED) -> Completions:
    """Return how the viewer may go on with `typed`, which begins with @ or #. Raises Invalid, TooMany."""
    mark, rest = typed[:1], typed[1:MAX_LENGTH].replace("\0", "").strip()
    if mark not in ("@", "#"):
        raise Invalid(fields={"q": [_("Begin with @ or #.")]})
    verdict = count(f"autocomplete:m{viewer.pk}", RATE)
    if not verdict.allowed:
        raise TooMany(retry_after=verdict.reset)
    if mark == "@":
        return Completions(people=_people(rest, viewer, size))
    return Completions(tags=_tags(rest, viewer, size))


def _people(typed: str, viewer: Member, size: int) -> list[Member]:
    """Return people by the beginning of their username or of a word of their name: those whom the viewer follows
    first, then by username, the most followed first. Without a letter, those followed last.
    """
    visible = Member.objects.visible_to(viewer).exclude(pk=viewer.pk)
    follows = Follow.objects.by(viewer)
    if not typed:
        return list(visible.filter(followed_by__in=follows).order_by("-followed_by__id")[:size])
    by_username = begins_with("username", typed.lower())
    words = [term.typed for term in parse_query(fold(typed)).terms]
    by_name = Q(pk__in=RawSQL(*database_engine().members_named(words))) if words else Q(pk=None)  # noqa: S611
    followed = Q(pk__in=follows.values("followee"))
    return _first_of(
        (
            visible.filter(condition).order_by("-followers_count", "-id")[:size]
            for condition in (followed & by_username, followed & by_name, by_username, by_name)
        ),
        size,
    )


def _first_of(lists: Iterable["QuerySet[Member]"], size: int) -> list[Member]:
    """Return the first members of these lists, each once; the last lists are read only if there is room."""
    found: dict[int, Member] = {}
    for rows in lists:
        for member in rows:
            found.setdefault(member.pk, member)
        if len(found) >= size:
            break
    return list(found.values())[:size]


def _tags(typed: str, viewer: Member, size: int) -> list[Tag]:
    """Return hashtags by their beginning, the most used of late first. Without a letter, those the viewer follows.

    A tag that only posts have that aren't for everyone, or that the viewer can't see, is like one never used.
    """
    folded = fold_tag(typed)
    if folded:
        used = _used_lately(folded)
        found = {tag.pk: tag for tag in _shown(Tag.objects.filter(pk__in=used), viewer)}
        tags = [found[tag_id] for tag_id in used if tag_id in found]
        if len(tags) < size:
            others = Tag.objects.filter(begins_with("name", folded)).exclude(pk__in=used).order_by("name")
            tags += _shown(others, viewer)[:size]
    elif typed:
        return []
    else:
        followed = TagFollow.objects.filter(member=viewer).order_by("-id").values_list("tag", flat=True)
        found = {tag.pk: tag for tag in _shown(Tag.objects.filter(pk__in=followed[:TAGS_KEPT]), viewer)}
        tags = [found[tag_id] for tag_id in followed[:TAGS_KEPT] if tag_id in found]
    return tags[:size]


def _used_lately(folded: str) -> list[int]:
    """Return the tags with this beginning that most posts for everyone have had lately. The same for all viewers."""
    key = f"tags-used:{folded.encode().hex()}"
    kept: list[int] | None = cache.get(key) if len(key) < 200 else None
    if kept is None:
        since = id_at(timezone.now() - LATELY, salt=0)
        uses = PostTag.objects.filter(
            begins_with("tag__name", folded),
            post_id__gte=since,
            post__in=Post.objects.visible_to(None).listed(),
        )
        counted = uses.order_by().values("tag").annotate(uses=Count("pk")).order_by("-uses", "tag")
        kept = [row["tag"] for row in counted[:TAGS_KEPT]]
        if len(key) < 200:
            cache.set(key, kept, KEPT_SECONDS)
    return kept


def _shown(tags: "QuerySet[Tag]", viewer: Member) -> "QuerySet[Tag]":
    """Limit the tags to those of a post for everyone that the viewer may see."""
    posts = Post.objects.visible_to(viewer).visible_to(None).listed().filter(pk=OuterRef("post_id"))
    return tags.filter(Exists(PostTag.objects.filter(Exists(posts), tag=OuterRef("pk"))))
