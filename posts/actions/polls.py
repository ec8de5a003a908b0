"""Polls: create them with a post, vote, change the options, and end them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.streams import post_stream, publish
from posts.events import PollChanged, PollEnded
from posts.models import Poll, PollOption, Post, Vote
from posts.polls import PollOptions

VOTERS_PER_EVENT = 200


def create_poll(post: Post, chosen: PollOptions) -> Poll:
    """Create the poll of a post that is being written or edited. The caller saves `Post.poll_text`."""
    expires_at = timezone.now() + timedelta(seconds=chosen.expires_in)
    poll = Poll(
        post=post,
        is_multiple=chosen.multiple,
        hide_results=chosen.hide_results,
        expires_at=expires_at,
        due_at=expires_at,
    )
    poll.save(force_insert=True)
    PollOption.objects.bulk_create(
        PollOption(poll=poll, index=index, text=text) for index, text in enumerate(chosen.options)
    )
    return poll


def vote(*, post: Post, by: Member, choices: Sequence[int]) -> bool:
    """Vote for the options with these indexes. Return False if `by` has voted like this already.

    A vote is final. The author can't vote.
    """
    with transaction.atomic():
        now, poll = _locked_for_vote(post, by)
        chosen = _chosen_options(poll, choices)
        earlier = set(Vote.objects.filter(poll=poll, member=by).values_list("option_id", flat=True))
        if earlier == {option.pk for option in chosen}:
            return False
        if earlier:
            raise Conflict(_("You’ve already voted in this poll."))
        if now.author_id == by.pk:
            raise Forbidden(_("You can’t vote in your own poll."))
        if poll.has_ended:
            raise Conflict(_("This poll has ended."))
        first, *more = (
            Vote(poll=poll, option=option, member=by, place=place) for place, option in enumerate(chosen)
        )
        if not insert_once(first):
            return False
        Vote.objects.bulk_create(more)
        PollOption.objects.filter(pk__in=[option.pk for option in chosen]).update(
            votes_count=F("votes_count") + 1
        )
        Poll.objects.filter(pk=poll.pk).update(voters_count=F("voters_count") + 1)
        # Without the results, which not everyone who sees the post may see: pages ask for their own.
        message = {"type": "poll.counted", "id": str(post.pk), "voters": poll.voters_count + 1}
        publish(post_stream(post.pk), message, latest=True)
    return True


def edit_poll(*, post: Post, chosen: Mapping[str, Any] | None) -> bool:
    """Replace the poll of a locked post, within the transaction of an edit; None removes it. Return whether anything
    changed.

    Other options, or another number of choices, start the count and the time anew, and everyone who had voted is told.
    The caller saves `Post.poll_text` and keeps the earlier one in the revision.
    """
    new = PollOptions.checked(chosen) if chosen is not None else None
    poll = _locked_poll(post)
    if poll is None:
        if new is None:
            return False
        create_poll(post, new)
        post.poll_text = new.text
        return True
    if new is not None and (new.text, new.multiple) == (post.poll_text, poll.is_multiple):
        if new.hide_results == poll.hide_results:
            return False
        _check_open(poll)
        Poll.objects.filter(pk=poll.pk).update(hide_results=new.hide_results)
        return True
    _check_open(poll)
    for voter_ids in _voters_in_chunks(poll):
        emit(PollChanged(post_id=post.pk, voter_ids=voter_ids))
    poll.delete()
    if new is not None:
        create_poll(post, new)
    post.poll_text = new.text if new else ""
    return True


def delete_poll(*, post_id: int) -> None:
    """Delete the poll of a locked post, if it has one, with its votes."""
    # Locked before the votes and options that are deleted first: voting locks them in this order, too.
    list(Poll.objects.select_for_update(of=("self",)).filter(pk=post_id).values_list("pk"))
    Poll.objects.filter(pk=post_id).delete()


def end_poll(*, post_id: int) -> bool:
    """Tell the author and everyone who voted that the poll has ended. Return False if that was done already."""
    now = timezone.now()
    with transaction.atomic():
        # The condition is part of the UPDATE, so of any number of concurrent calls one goes on.
        if not Poll.objects.filter(pk=post_id, expires_at__lte=now).due(now).update(told_at=now):
            return False
        poll = Poll.objects.select_related("post").get(pk=post_id)
        author_id: int | None = poll.post.author_id
        for voter_ids in _voters_in_chunks(poll):
            emit(PollEnded(post_id=post_id, author_id=author_id, voter_ids=voter_ids))
            author_id = None
        if author_id is not None:
            emit(PollEnded(post_id=post_id, author_id=author_id, voter_ids=[]))
        publish(post_stream(post_id), {"type": "poll.ended", "id": str(post_id)})
    return True


def _locked_for_vote(post: Post, by: Member) -> tuple[Post, Poll]:
    """Return the post and its poll, if `by` may see it. Locks the member and the poll until the transaction ends."""
    # Locked, so that the account can't close or open meanwhile: closed accounts aren't counted.
    member = lock_members(by.pk).get(by.pk)
    if member is None or not member.is_active:
        raise Forbidden(_("This account is suspended."))
    now = Post.objects.visible_to(by).filter(pk=post.pk).first()
    if now is None:
        raise NotFound
    if not now.is_published:
        raise NotFound(_("This post isn’t available any more."))
    poll = _locked_poll(post)
    if poll is None:
        raise Conflict(_("This post has no poll."))
    return now, poll


def _locked_poll(post: Post) -> Poll | None:
    """Return the poll, locked until the transaction ends: members are locked before posts, and those before polls."""
    return Poll.objects.select_for_update(no_key=True, of=("self",)).filter(pk=post.pk).first()


def _chosen_options(poll: Poll, choices: Sequence[int]) -> list[PollOption]:
    options = {option.index: option for option in poll.options.all()}
    chosen = sorted(set(choices))
    if not chosen:
        raise _invalid(_("Choose an option first."))
    if any(index not in options for index in chosen):
        raise _invalid(_("This poll has no such option."))
    if len(chosen) > 1 and not poll.is_multiple:
        raise _invalid(_("You can choose only one option."))
    return [options[index] for index in chosen]


def _check_open(poll: Poll) -> None:
    if poll.has_ended:
        raise Conflict(_("This poll has ended, so you can’t change it."))


def _voters_in_chunks(poll: Poll) -> Iterator[list[int]]:
    voters = list(poll.votes.filter(place=0).order_by("pk").values_list("member_id", flat=True))
    for start in range(0, len(voters), VOTERS_PER_EVENT):
        yield voters[start : start + VOTERS_PER_EVENT]


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"choices": [sentence]})
