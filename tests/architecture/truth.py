"""Invariants of relations between members, after any actions in any order."""

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Block
from posts.models import Bookmark, Like, Post
from social.models import Follow, FollowRequest, ListEntry


def broken_rules() -> list[str]:
    """Return the violated invariants, with the number of rows that violate each."""

    def across(one: str, other: str) -> Exists:
        return Exists(
            Block.objects.filter(
                Q(blocker=OuterRef(one), blocked=OuterRef(other))
                | Q(blocker=OuterRef(other), blocked=OuterRef(one))
            )
        )

    beside = Follow.objects.filter(follower=OuterRef("requester"), followee=OuterRef("member"))
    gone = Post.objects.exclude(state=Post.State.PUBLISHED)
    against = {
        "a follow across a block": Follow.objects.filter(across("follower", "followee")),
        "a follow of oneself": Follow.objects.filter(follower=F("followee")),
        "a request across a block": FollowRequest.objects.filter(across("requester", "member")),
        "a request beside a follow": FollowRequest.objects.filter(Exists(beside)),
        "a request to a public account": FollowRequest.objects.filter(member__is_private=False),
        "a request to oneself": FollowRequest.objects.filter(requester=F("member")),
        "a list entry across a block": ListEntry.objects.filter(across("list__owner", "member")),
        "a block of oneself": Block.objects.filter(blocker=F("blocked")),
        "a like of a deleted post": Like.objects.filter(post__state=Post.State.DELETED),
        "a bookmark of a deleted post": Bookmark.objects.filter(post__state=Post.State.DELETED),
        "a deleted post with its text": gone.filter(state=Post.State.DELETED).exclude(text=""),
    }
    found = ((rule, rows.count()) for rule, rows in against.items())
    return [f"{rule}: {count}" for rule, count in found if count]
