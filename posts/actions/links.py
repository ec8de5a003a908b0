"""Link cards: previews of the first link in a post. Posts with the same link share one.

A card of another site is fetched by a job (decision 41). A card of this community's own posts and profiles stores only
which one it is; what it shows is read for each viewer.
"""

import io
import logging
import secrets
from contextlib import ExitStack
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts.models import Member
from core.db import insert_once
from core.jobs import enqueue
from core.outbound import FetchError, normalized_url
from core.refusals import Forbidden, Invalid, TooMany
from core.slots import Slots
from core.text import TokenKind, tokenize
from media.images import EXTENSION, Variants, make_variants
from posts.actions.states import publish_changed
from posts.link_pages import Page, read_page, read_picture
from posts.models import LinkCard, Post
from posts.own_pages import is_own, own_page, post_id_of

log = logging.getLogger("kith.links")

LEASE = timedelta(seconds=90)
AT_ONCE = 4
"""How many are fetched at once on a machine: other sites may be slow on purpose, and reviews share the queue."""
ATTEMPTS = 3
BEGINNINGS = 10
"""How often a card is begun at most. It is begun again when the lease expires, after an error of ours or a crash."""
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=15))
TOLD = 50
"""Posts whose pages are told that their card changed: the newest with that link."""
UNUSED_FOR = timedelta(days=1)
LINKED_STEP = timedelta(hours=1)
DELETED_AT_ONCE = 200
_slots = Slots("link-cards", AT_ONCE)


def card_of_text(text: str) -> LinkCard | None:
    """Return the card of the first link in a text, new or known, or None. Within the transaction that writes the post.

    Requests that it be fetched if it is new, or was fetched some days ago.
    """
    link = next((token.value for token in tokenize(text) if token.kind is TokenKind.LINK), None)
    if link is None:
        return None
    if is_own(link):
        return _own_card(link)
    if not settings.LINK_CARDS:
        return None
    try:
        url = normalized_url(link)
    except FetchError:
        return None
    card = _stored(LinkCard(url=url))
    stale = timezone.now() - timedelta(days=settings.LINK_CARD_DAYS)
    known = LinkCard.objects.filter(pk=card.pk, is_wanted=False, fetched_at__lt=stale)
    if known.exclude(state=LinkCard.State.REMOVED).update(is_wanted=True, attempts=0, due_at=timezone.now()):
        card.is_wanted = True
    if card.is_wanted:
        enqueue("posts.tasks.fetch_link_card", card.pk)
    return card


def fetch_link_card(*, card_id: int) -> bool:
    """Fetch a card that is due. Waits for another site, so it runs in a job and outside of transactions. Return False
    if there is nothing to do, or if this machine is busy with others: it stays due.
    """
    with ExitStack() as held:
        try:
            held.enter_context(_slots.acquire(within=0))
        except TooMany:
            return False
        if not LinkCard.objects.filter(pk=card_id).claim(LEASE, attempts=F("attempts") + 1):
            return False
        card = LinkCard.objects.get(pk=card_id)
        if card.attempts > BEGINNINGS:
            _failed(card, FetchError("given up", is_lasting=True))
            return True
        try:
            page = read_page(card.url)
            picture = _picture(page)
        except FetchError as fault:
            _failed(card, fault)
        else:
            _save(card, page, picture)
    return True


def remove_link_card(*, card: LinkCard, by: Member) -> bool:
    """Hide a card everywhere, and don't fetch it again. Return False if it was removed already. For moderators."""
    _may(by)
    with transaction.atomic():
        row = LinkCard.objects.select_for_update().get(pk=card.pk)
        if row.state == LinkCard.State.REMOVED:
            return False
        row.state, row.is_wanted = LinkCard.State.REMOVED, False
        row.title = row.description = row.site_name = row.picture_alt = ""
        _replace_picture(row, "")
        row.save()
        _tell_pages(row)
    return True


def refresh_link_card(*, card: LinkCard, by: Member) -> None:
    """Fetch a card again soon, also one that was removed. For moderators."""
    _may(by)
    with transaction.atomic():
        row = LinkCard.objects.select_for_update().get(pk=card.pk)
        if row.is_own:
            row.state = LinkCard.State.READY
            row.save(update_fields=["state"])
            return
        if row.state == LinkCard.State.REMOVED:
            row.state = LinkCard.State.WAITING
        row.is_wanted, row.attempts, row.due_at = True, 0, timezone.now()
        row.save(update_fields=["state", "is_wanted", "attempts", "due_at"])
        enqueue("posts.tasks.fetch_link_card", row.pk)


def delete_unused_link_cards() -> int:
    """Delete a batch of cards that no post has, with their pictures. Removed ones stay, so that they aren't fetched
    again. Return how many.
    """
    old = LinkCard.objects.filter(linked_at__lt=timezone.now() - UNUSED_FOR)
    linked = Exists(Post.objects.filter(link_card=OuterRef("pk")))
    unused = old.exclude(linked).exclude(state=LinkCard.State.REMOVED)
    deleted = 0
    for card_id in list(unused.order_by("linked_at").values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        with transaction.atomic():
            # A post that links to it meanwhile has locked it, too (_stored).
            card = old.select_for_update().filter(pk=card_id).first()
            if card is None or card.posts.exists():
                continue
            if name := card.picture.name:
                card.picture.storage.delete(name)
            card.delete()
            deleted += 1
    return deleted


def _own_card(link: str) -> LinkCard | None:
    """Return the card of a post or profile of this community; None for its other pages."""
    page, card = own_page(link), None
    if page is None:
        return None
    if (post_id := post_id_of(page)) is not None:
        if post := Post.objects.filter(pk=post_id).only("pk").first():
            card = LinkCard(url=f"{settings.SITE_URL}/posts/{post.pk}", post=post)
    elif page.view_name == "feed:profile":
        name = page.kwargs["username"].lower()
        if member := Member.objects.filter(username=name).only("pk", "username").first():
            card = LinkCard(url=f"{settings.SITE_URL}/@{name}", member=member)
    if card is None:
        return None
    card.state, card.is_wanted = LinkCard.State.READY, False
    return _stored(card)


def _stored(card: LinkCard) -> LinkCard:
    """Return the one row of that URL, and note that it is linked: unused cards are deleted."""
    now = timezone.now()
    known = LinkCard.objects.filter(url=card.url)
    while True:
        row = known.first()
        if row is None:
            if insert_once(card):
                return card
        elif row.linked_at > now - LINKED_STEP or known.filter(pk=row.pk).update(linked_at=now):
            return row


def _picture(page: Page) -> Variants | None:
    """Fetch and encode the picture of a page. A page without a usable one has a card without one."""
    if not page.title or not page.picture:
        return None
    try:
        return make_variants(io.BytesIO(read_picture(page.picture)))
    except TooMany:
        raise FetchError("too many pictures at once") from None
    except (FetchError, Invalid) as fault:
        log.info("no picture for a link card: %s", fault)
        return None


def _save(card: LinkCard, page: Page, made: Variants | None) -> None:
    name = _store_picture(card, made) if made else ""
    try:
        with transaction.atomic():
            row = LinkCard.objects.select_for_update().filter(pk=card.pk).first()
            if row is None or not row.is_wanted:
                # Deleted or removed meanwhile.
                if name:
                    card.picture.storage.delete(name)
                return
            row.title, row.description = page.title, page.description
            row.site_name, row.picture_alt = page.site_name, page.picture_alt
            row.state = LinkCard.State.READY if page.title else LinkCard.State.EMPTY
            row.is_wanted, row.fetched_at, row.failure = False, timezone.now(), ""
            row.picture_width, row.picture_height = (made.width, made.height) if made else (0, 0)
            _replace_picture(row, name)
            row.save()
            _tell_pages(row)
    except BaseException:
        if name:
            card.picture.storage.delete(name)
        raise


def _failed(card: LinkCard, fault: FetchError) -> None:
    """Try again later, or remember that there is nothing. What was fetched before stays."""
    rows = LinkCard.objects.filter(pk=card.pk)
    if not fault.is_lasting and card.attempts < ATTEMPTS:
        rows.postpone(RETRY_AFTER[card.attempts - 1], failure=fault.reason[:200])
        return
    state = LinkCard.State.EMPTY if card.state == LinkCard.State.WAITING else card.state
    rows.waiting().update(is_wanted=False, state=state, fetched_at=timezone.now(), failure=fault.reason[:200])


def _store_picture(card: LinkCard, made: Variants) -> str:
    """Save the smaller variant under a random name, which no cache has an older picture under."""
    field = card.picture.field
    name: str = card.picture.storage.save(
        f"{field.upload_to}/{secrets.token_hex(16)}.{EXTENSION}",
        ContentFile(made.files[f"small.{EXTENSION}"]),
    )
    return name


def _replace_picture(row: LinkCard, name: str) -> None:
    before = row.picture.name
    if before and before != name:
        storage = row.picture.storage
        transaction.on_commit(lambda: storage.delete(before), robust=True)
    row.picture = name


def _tell_pages(row: LinkCard) -> None:
    """Make the pages that show posts with this card fetch them again, after the commit."""
    posts = Post.objects.filter(link_card=row.pk).exclude(state=Post.State.DELETED).order_by("-id")
    publish_changed(posts.values_list("pk", flat=True)[:TOLD])


def _may(by: Member) -> None:
    if not (by.is_active and (by.is_staff or by.is_moderator)):
        raise Forbidden
