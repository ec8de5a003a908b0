"""What link cards show to a viewer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.text import Truncator

from accounts.models import Member
from core.text import clean_line
from posts.models import LinkCard, Post

OWN_TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """A link card as it is shown."""

    url: str
    title: str
    description: str
    site_name: str
    picture: str
    """Its address, or nothing."""
    picture_width: int
    picture_height: int
    picture_alt: str
    post_id: int | None
    """If it is a post of this community."""
    member_id: int | None
    """If it is a profile of this community."""

    @property
    def is_own(self) -> bool:
        return self.post_id is not None or self.member_id is not None

    @property
    def host(self) -> str:
        """The host, as people read it."""
        return urlsplit(self.url).netloc.removeprefix("www.")

    @property
    def is_wide(self) -> bool:
        """Whether its picture is shown above the texts, in full width, instead of beside them."""
        return self.picture_width >= 400 and self.picture_width >= 1.3 * self.picture_height


def link_cards(posts: Iterable[Post], viewer: Member | None) -> Mapping[int, LinkPreview]:
    """Return the cards of these posts that can be shown to `viewer`, by the ids of the cards.

    Takes one query if any of the posts has a card. The card of a post or profile of this community shows only what
    guests may see, and the viewer too: so the author of the post that links to it can't widen who sees it.
    """
    ids = {post.link_card_id for post in posts if post.link_card_id is not None}
    if not ids:
        return {}
    target = Post.objects.visible_to(None).visible_to(viewer).filter(pk=OuterRef("post"))
    profile = Member.objects.visible_to(viewer).filter(pk=OuterRef("member"))
    cards = LinkCard.objects.filter(
        Q(post=None) | Exists(target),
        Q(member=None) | Exists(profile),
        pk__in=ids,
        state=LinkCard.State.READY,
    )
    return {card.pk: _preview(card) for card in cards.select_related("post__author", "member")}


def _preview(card: LinkCard) -> LinkPreview:
    member = card.member or (card.post.author if card.post else None)
    if member is None:
        return LinkPreview(
            url=card.url,
            title=card.title,
            description=card.description,
            site_name=card.site_name,
            picture=card.picture.url if card.picture else "",
            picture_width=card.picture_width,
            picture_height=card.picture_height,
            picture_alt=card.picture_alt,
            post_id=None,
            member_id=None,
        )
    if card.post is None:
        path, text = member.get_absolute_url(), member.bio
    else:
        path, text = card.post.path, card.post.content_warning or card.post.text
    return LinkPreview(
        url=f"{settings.SITE_URL}{path}",
        title=f"{member.name} (@{member.username})",
        description=Truncator(clean_line(text)).chars(OWN_TEXT_MAX),
        site_name=settings.SITE_NAME,
        picture=member.avatar_url,
        picture_width=400 if member.avatar else 0,
        picture_height=400 if member.avatar else 0,
        picture_alt="",
        post_id=card.post_id,
        member_id=card.member_id,
    )
