"""Write, edit and delete your own posts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Member
from core import idempotency
from core.events import emit
from core.ids import new_id
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.streams import recheck_sockets_of
from core.text import clean, hashtags, is_blank, length, mentions
from media.actions import attach, describe, discard_of_posts
from media.models import Attachment
from media.queries import attachments_of
from posts.actions.links import card_of_text
from posts.actions.polls import create_poll, delete_poll, edit_poll
from posts.actions.quotes import checked_quote
from posts.actions.states import change_state, check_own, lock, publish_changed
from posts.events import PostEdited, PostHidden, PostWritten
from posts.languages import guess_language
from posts.models import EMPTIED, Mention, Post, PostRevision, PostTag, Tag
from posts.options import UNCHANGED, PostOptions, Unchanged
from posts.polls import PollOptions
from posts.queries import why_no_reply
from posts.text import render_html

_DEFAULTS = PostOptions()
_EDITED = ("text", "content_warning", "sensitive", "language")


def write_post(
    *,
    by: Member,
    text: str,
    in_reply_to: Post | None = None,
    options: PostOptions = _DEFAULTS,
    idempotency_key: str | None = None,
) -> Post:
    """Create a post or reply, pending review. A repeated `idempotency_key` returns the first one.

    Without a visibility a post is public, and a reply as open as its parent. A reply is never more open than that, and
    a quote never more open than the quoted post.
    Raises Invalid for an empty or too long text and for invalid options, NotFound if `by` can't see `in_reply_to`.
    """
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    text = checked_text(text, may_be_empty=bool(options.media))
    options = options.checked()
    chosen = options.visibility or Post.Visibility.PUBLIC
    poll = PollOptions(**options.poll) if options.poll else None
    post_id = new_id()

    def make() -> Post:
        parent = _checked_parent(in_reply_to, by)
        quoted = checked_quote(options.quote_of, by)
        opener = [post.visibility for post in (parent, quoted) if post is not None]
        members = _mentioned_members(text, by)
        post = Post(
            id=post_id,
            author=by,
            text=text,
            html=render_html(text, members),
            in_reply_to=parent,
            root_id=(parent.root_id or parent.id) if parent else None,
            quote_of=quoted,
            is_quote=quoted is not None,
            visibility=Post.Visibility.narrowest(chosen, *opener),
            content_warning=options.content_warning,
            sensitive=options.sensitive,
            language=options.language or _guessed_language(text, by),
            reply_policy=options.reply_policy or Post.ReplyPolicy.EVERYONE,
            quote_policy=options.quote_policy or Post.QuotePolicy.EVERYONE,
            poll_text=poll.text if poll else "",
            link_card=card_of_text(text),
        )
        post.save(force_insert=True)
        if poll:
            create_poll(post, poll)
        if options.media:
            set_media(post, options.media, by)
        _save_mentions_and_tags(post, members.values())
        emit(PostWritten(post_id=post.id, author_id=by.id))
        return post

    with transaction.atomic():
        return idempotency.once(
            actor_id=by.id,
            purpose="write_post",
            key=idempotency_key,
            content=f"{in_reply_to.id if in_reply_to else ''}{options.as_json()}\n{text}",
            result_id=post_id,
            make=make,
            again=lambda first_id: Post.objects.select_related("author").get(pk=first_id),
        )


def edit_post(
    *,
    post: Post,
    by: Member,
    text: str | None = None,
    content_warning: str | None = None,
    sensitive: bool | None = None,
    language: str | None = None,
    media: Sequence[int] | None = None,
    media_alts: Sequence[str] | None = None,
    poll: Mapping[str, Any] | Unchanged | None = UNCHANGED,
) -> bool:
    """Change what is given of a post. Return False if nothing differs.

    An empty `language` is guessed anew, `media_alts` are the descriptions of all attachments in their order, and None
    removes the poll. Another language, or whether pictures are blurred, needs no review and makes no new version.

    If others could read the old version, it is saved as a revision. A held post goes back to review, and so does a
    published one by a new member. A published post by an established member stays visible and is reviewed afterwards;
    a version replaced before its review is hidden from others in the history.
    """
    given = PostOptions(content_warning=content_warning or "", language=language or None).checked()
    with transaction.atomic():
        check_own(post, by)
        lock(post, "html", "poll_text", "media_count", "alt_text", "edited_at", "edit_unreviewed", *_EDITED)
        if post.state == Post.State.DELETED:
            raise NotFound
        if post.state == Post.State.REMOVED:
            raise Forbidden(_("A moderator removed this post. It can’t be edited."))
        attached = attachments_of([post.pk]).get(post.pk, []) if post.media_count else []
        before = _version(post, attached)
        media_changed = _edit_media(post, attached, media, media_alts, by)
        poll_changed = not isinstance(poll, Unchanged) and edit_poll(post=post, chosen=poll)
        text = checked_text(post.text if text is None else text, may_be_empty=bool(post.media_count))
        wanted = {
            "text": text,
            "content_warning": post.content_warning if content_warning is None else given.content_warning,
            "sensitive": post.sensitive if sensitive is None else sensitive,
            "language": given.language
            or ("" if language == "" else post.language)
            or _guessed_language(text, by),
        }
        changes = [name for name, value in wanted.items() if value != getattr(post, name)]
        says_else = (
            media_changed or post.poll_text != before.poll_text or {"text", "content_warning"} & {*changes}
        )
        for name in changes:
            setattr(post, name, wanted[name])
        if not says_else:
            post.save(update_fields=changes)
            if changes or poll_changed:
                publish_changed([post.id])
            return bool(changes or poll_changed)
        if post.is_published:
            # A version that nobody could read isn't saved: editing must not publish what review held back.
            before.save(force_insert=True)
        members = _mentioned_members(text, by)
        post.html, post.edited_at = render_html(text, members), timezone.now()
        post.edit_unreviewed = True
        post.link_card = card_of_text(text)
        post.save(update_fields=["html", "poll_text", "edited_at", "edit_unreviewed", "link_card", *changes])
        _save_mentions_and_tags(post, members.values(), replace=True)
        if post.state == Post.State.HELD:
            change_state(post, Post.State.PENDING)
        elif post.is_published and post.author.is_new:
            change_state(post, Post.State.PENDING)
            emit(PostHidden(post_id=post.id, author_id=post.author_id))
        emit(PostEdited(post_id=post.id, author_id=post.author_id))
    return True


def _version(post: Post, attached: Sequence[Attachment]) -> PostRevision:
    """Return the version that a locked post has now, unsaved."""
    return PostRevision(
        post=post,
        text=post.text,
        html=post.html,
        content_warning=post.content_warning,
        language=post.language,
        poll_text=post.poll_text,
        media=[{"id": str(one.pk), "kind": one.kind, "alt": one.alt} for one in attached],
        written_at=post.edited_at or post.created_at,
        unreviewed=post.edit_unreviewed,
    )


def _edit_media(
    post: Post,
    attached: Sequence[Attachment],
    ids: Sequence[int] | None,
    alts: Sequence[str] | None,
    by: Member,
) -> bool:
    """Change the attachments of a locked post, and their descriptions. Return whether they differ."""
    before = [one.pk for one in attached]
    changed = ids is not None and list(ids) != before
    if ids is not None and changed:
        set_media(post, ids, by)
    now = before if ids is None else list(ids)
    if alts is None:
        return changed
    if len(alts) != len(now):
        sentence = _("Give a description for each file, or an empty one.")
        raise Invalid(sentence, fields={"media_alts": [sentence]})
    if describe(post=post, alts=dict(zip(now, alts, strict=True)), by=by):
        _save_descriptions(post)
        return True
    return changed


def _save_descriptions(post: Post) -> None:
    found = attachments_of([post.pk]).get(post.pk, [])
    post.alt_text = "\n".join(one.alt for one in found if one.alt)
    post.save(update_fields=["alt_text"])


def delete_post(*, post: Post, by: Member) -> bool:
    """Delete your own post and everything attached to it. An empty row stays, to keep the thread together."""
    with transaction.atomic():
        check_own(post, by)
        lock(post)
        if post.state == Post.State.DELETED:
            return False
        change_state(post, Post.State.DELETED, **EMPTIED)
        discard_of_posts(post_ids=[post.pk])
        for rows in (post.revisions, post.likes, post.reposts, post.bookmarks, post.mentions, post.tags):
            rows.all().delete()
        delete_poll(post_id=post.pk)
        emit(PostHidden(post_id=post.id, author_id=post.author_id, by_author=True))
    return True


def checked_text(text: str, *, may_be_empty: bool = False) -> str:
    """Return the cleaned text of a post. Raises Invalid."""
    text = clean(text)
    if is_blank(text):
        if may_be_empty:
            return ""
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": [sentence]})
    over = length(text) - settings.POST_MAX_LENGTH
    if over > 0:
        sentence = ngettext(
            "That’s %(over)s character too long.", "That’s %(over)s characters too long.", over
        ) % {"over": over}
        raise Invalid(sentence, fields={"text": [sentence]})
    return text


def _guessed_language(text: str, by: Member) -> str:
    return guess_language(text, likely=by.language or get_language() or "")


def set_media(post: Post, ids: Sequence[int], by: Member) -> None:
    """Make these its attachments. Whatever reads the posts of a page then asks for them."""
    post.media_count = len(attach(post=post, ids=ids, by=by))
    post.save(update_fields=["media_count"])
    _save_descriptions(post)


def _checked_parent(parent: Post | None, by: Member) -> Post | None:
    if parent is None:
        return None
    there = Post.objects.visible_to(by).select_related("author", "in_reply_to").filter(pk=parent.pk).first()
    if there is None:
        raise NotFound(_("The post you replied to isn’t available any more."))
    if not there.is_open:
        raise Conflict(_("This post was removed, so you can’t reply to it."))
    if why := why_no_reply(there, by):
        raise Forbidden(why)
    return there


def _mentioned_members(text: str, by: Member) -> dict[str, int]:
    """Return the mentioned members whom the author can see: username → id."""
    names = mentions(text)
    if not names:
        return {}
    return dict(Member.objects.visible_to(by).filter(username__in=names).values_list("username", "id"))


def _save_mentions_and_tags(post: Post, mentioned: Iterable[int], *, replace: bool = False) -> None:
    is_public = not post.author.is_private and post.visibility == Post.Visibility.PUBLIC
    tag_ids = _tag_ids(hashtags(post.text), is_public=is_public)
    members = set(mentioned)
    if post.visibility == Post.Visibility.MENTIONED and post.in_reply_to is not None:
        # Or the reply would be said to nobody.
        members |= {post.in_reply_to.author_id} - {post.author_id}
    if replace:
        unnamed = post.mentions.exclude(member__in=members)
        if post.visibility == Post.Visibility.MENTIONED:
            for member_id in unnamed.values_list("member_id", flat=True):
                recheck_sockets_of(member_id)
        unnamed.delete()
        post.tags.exclude(tag__in=tag_ids).delete()
    if members:
        Mention.objects.bulk_create(
            [Mention(post=post, member_id=member_id) for member_id in sorted(members)], ignore_conflicts=True
        )
    if tag_ids:
        PostTag.objects.bulk_create(
            [PostTag(post=post, tag_id=tag_id) for tag_id in tag_ids], ignore_conflicts=True
        )


def _tag_ids(labels: dict[str, str], *, is_public: bool) -> list[int]:
    """Return the ids of the tags with these folded names, creating those that are new."""
    if not labels:
        return []
    found = list(Tag.objects.filter(name__in=labels))
    # Sorted, so that two posts with the same new tags don't deadlock.
    missing = sorted(labels.keys() - {tag.name for tag in found})
    if missing:
        Tag.objects.bulk_create(
            [Tag(name=name, label=labels[name]) for name in missing], ignore_conflicts=True
        )
        found += Tag.objects.filter(name__in=missing)
    others = [tag for tag in found if tag.label != labels[tag.name]]
    if others and is_public:
        _relabel_unused(others, labels)
    return [tag.pk for tag in found]


def _relabel_unused(tags: Sequence[Tag], labels: Mapping[str, str]) -> None:
    """Relabel tags that no public post has as spelled here: the spelling of a post that isn’t public must not show."""
    public = PostTag.objects.filter(post__in=Post.objects.visible_to(None).listed(), tag=OuterRef("pk"))
    for tag in Tag.objects.filter(~Exists(public), pk__in=[tag.pk for tag in tags]).order_by("name"):
        Tag.objects.filter(pk=tag.pk).update(label=labels[tag.name])
