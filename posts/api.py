from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from accounts.models import Member
from accounts.serializers import MemberOut
from core.api import CURSOR, IDEMPOTENCY_KEY, LIMIT, paged
from core.pages import Page, page_size, paginate
from core.text import fold_tag
from posts.actions import (
    bookmark_post,
    change_quote_policy,
    create_draft,
    delete_post,
    edit_post,
    follow_tag,
    like_post,
    mute_thread,
    pin_post,
    record_views,
    repost_post,
    revoke_all_quotes,
    revoke_quote,
    unbookmark_post,
    undo_repost,
    unfollow_tag,
    unlike_post,
    unmute_thread,
    unpin_post,
    vote,
    write_post,
)
from posts.models import Like, Post
from posts.muting import exclude_muted_authors, filtered_page
from posts.options import PostContent, PostOptions
from posts.queries import bookmarks_of, quotes_of, reposts_of, revisions_of, tag_follows_of, visible_post
from posts.serializers import (
    DraftOut,
    FollowedTagOut,
    PostEditIn,
    PostIn,
    PostOut,
    PostPage,
    ReplyIn,
    RevisionOut,
    VoteIn,
    serialize_posts,
)

MemberPage = paged("Member", MemberOut)


class PostView(ApiView):
    """Base for views of one post that the viewer may see."""

    def found(self, post_id: int) -> Post:
        return visible_post(post_id, self.viewer)

    def shown(self, post: Post, status: int = 200) -> Response:
        """Return the post as it is now."""
        return Response(serialize_posts([self.found(post.id)], self.viewer)[0], status=status)

    def parent_of(self, given: dict[str, Any]) -> Post | None:
        """Return the post that `in_reply_to` names. Raises NotFound."""
        return self.found(given["in_reply_to"]) if given.get("in_reply_to") else None

    def written(self, by: Member, given: dict[str, Any], parent: Post | None) -> Response:
        """Write a post or reply, or keep it as a draft until its time, and return it."""
        key = self.request.headers.get("Idempotency-Key")
        if at := given.get("scheduled_at"):
            draft = create_draft(
                by=by,
                posts=[PostContent.of(given)],
                in_reply_to=parent,
                scheduled_at=at,
                idempotency_key=key,
            )
            return Response(DraftOut(draft).data, status=202)
        post = write_post(
            by=by,
            text=given.get("text", ""),
            in_reply_to=parent,
            options=PostOptions.of(given),
            idempotency_key=key,
        )
        return self.shown(post, status=201)


class Posts(PostView):
    @extend_schema(
        operation_id="write_post",
        request=PostIn,
        responses={201: PostOut, 202: DraftOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Create a post, or with `in_reply_to` a reply. Others see it once it has been reviewed.

        With `scheduled_at` it is sent then; until then it is a draft, which the response of status 202 contains.
        """
        member, given = self.member, self.checked(PostIn)
        return self.written(member, given, self.parent_of(given))


class OnePost(PostView):
    @extend_schema(operation_id="post", responses=PostOut)
    def get(self, request: Request, post_id: int) -> Response:
        post = self.found(post_id)
        if request.method == "GET":
            record_views(posts=[(post.id, post.author_id)], by=self.viewer)
        return self.shown(post)

    @extend_schema(operation_id="edit_post", request=PostEditIn, responses=PostOut)
    def patch(self, request: Request, post_id: int) -> Response:
        """Edit your own post. What others could read before stays in its edit history."""
        member = self.member
        given, post = self.checked(PostEditIn), self.found(post_id)
        policy = given.pop("quote_policy", None)
        if "language" in given:
            given["language"] = given["language"] or ""
        if given or policy is None:
            edit_post(post=post, by=member, **given)
        # Last, so that a refused edit changes nothing.
        if policy is not None:
            change_quote_policy(post=post, by=member, policy=policy)
        return self.shown(post)

    @extend_schema(operation_id="delete_post", responses={204: None})
    def delete(self, request: Request, post_id: int) -> Response:
        """Delete your own post at once."""
        delete_post(post=self.found(post_id), by=self.member)
        return Response(status=204)


class Comments(PostView):
    @extend_schema(operation_id="comments", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, post_id: int) -> Response:
        """List the direct replies to a post, oldest first, without those you have muted."""
        visible = Post.objects.visible_to(self.viewer).filter(in_reply_to=self.found(post_id))
        replies = exclude_muted_authors(visible.with_card_fields(), self.viewer)
        size = page_size(request.GET.get("limit"))
        page = filtered_page(
            lambda at, n: paginate(replies, cursor=at, keys=("id",), size=n),
            self.viewer,
            "threads",
            cursor=request.GET.get("cursor"),
            size=size,
        )
        return self.page(page, serialize_posts(page.items, self.viewer))

    @extend_schema(
        operation_id="comment",
        request=ReplyIn,
        responses={201: PostOut, 202: DraftOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, post_id: int) -> Response:
        """Reply to a post. The same as creating a post with `in_reply_to`."""
        member, given = self.member, self.checked(ReplyIn)
        return self.written(member, given, self.found(post_id))


class PostLike(PostView):
    @extend_schema(operation_id="like_post", request=None, responses=PostOut)
    def post(self, request: Request, post_id: int) -> Response:
        """Like a post. Idempotent."""
        post = self.found(post_id)
        like_post(post=post, by=self.member)
        return self.shown(post)

    @extend_schema(operation_id="unlike_post", responses={200: PostOut})
    def delete(self, request: Request, post_id: int) -> Response:
        post = self.found(post_id)
        unlike_post(post=post, by=self.member)
        return self.shown(post)


class PostPin(PostView):
    @extend_schema(operation_id="pin_post", request=None, responses=PostOut)
    def post(self, request: Request, post_id: int) -> Response:
        """Pin your own post to your profile: up to five. Idempotent."""
        post = self.found(post_id)
        pin_post(post=post, by=self.member)
        return self.shown(post)

    @extend_schema(operation_id="unpin_post", responses={200: PostOut})
    def delete(self, request: Request, post_id: int) -> Response:
        post = self.found(post_id)
        unpin_post(post=post, by=self.member)
        return self.shown(post)


class PostVote(PostView):
    @extend_schema(operation_id="vote", request=VoteIn, responses=PostOut)
    def post(self, request: Request, post_id: int) -> Response:
        """Vote in the poll of a post. A vote is final; the same vote again changes nothing."""
        member = self.member
        post = self.found(post_id)
        vote(post=post, by=member, choices=self.checked(VoteIn)["choices"])
        return self.shown(post)


class PostLikes(PostView):
    @extend_schema(operation_id="likes", responses=MemberPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, post_id: int) -> Response:
        """List who likes a post, most recent first."""
        visible = Member.objects.visible_to(self.viewer)
        likes = Like.objects.filter(post=self.found(post_id), member__in=visible).select_related("member")
        page = self.paginated(likes)
        return self.page(page, MemberOut([like.member for like in page.items], many=True).data)


class PostRepost(PostView):
    @extend_schema(operation_id="repost", request=None, responses=PostOut)
    def post(self, request: Request, post_id: int) -> Response:
        """Repost a post to your followers. Idempotent. 403 unless anyone can see the post."""
        post = self.found(post_id)
        repost_post(post=post, by=self.member)
        return self.shown(post)

    @extend_schema(operation_id="undo_repost", responses={200: PostOut})
    def delete(self, request: Request, post_id: int) -> Response:
        post = self.found(post_id)
        undo_repost(post=post, by=self.member)
        return self.shown(post)


class PostReposts(PostView):
    @extend_schema(operation_id="reposts", responses=MemberPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, post_id: int) -> Response:
        """List who has reposted a post, most recent first. Reposts by private accounts show to their followers."""
        page = self.paginated(reposts_of(self.found(post_id), viewer=self.viewer))
        return self.page(page, MemberOut([row.member for row in page.items], many=True).data)


class PostQuotes(PostView):
    @extend_schema(operation_id="quotes", responses=PostPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request, post_id: int) -> Response:
        """List the posts that quote a post, newest first, without those you have muted."""
        size = page_size(request.GET.get("limit"))
        page = quotes_of(self.found(post_id), viewer=self.viewer, cursor=request.GET.get("cursor"), size=size)
        return self.page(page, serialize_posts(page.items, self.viewer))

    @extend_schema(operation_id="revoke_quotes", responses={204: None})
    def delete(self, request: Request, post_id: int) -> Response:
        """Take your post out of all quotes of it. The quotes stay. Idempotent."""
        by = self.member
        revoke_all_quotes(post=self.found(post_id), by=by)
        return Response(status=204)


class OneQuote(PostView):
    @extend_schema(operation_id="revoke_quote", responses={204: None})
    def delete(self, request: Request, post_id: int, quote_id: int) -> Response:
        """Take your post out of one quote of it. The quote stays. Idempotent."""
        by = self.member
        revoke_quote(post=self.found(post_id), quote_id=quote_id, by=by)
        return Response(status=204)


class PostBookmark(PostView):
    @extend_schema(operation_id="bookmark_post", request=None, responses=PostOut)
    def post(self, request: Request, post_id: int) -> Response:
        post = self.found(post_id)
        bookmark_post(post=post, by=self.member)
        return self.shown(post)

    @extend_schema(operation_id="unbookmark_post", responses={200: PostOut})
    def delete(self, request: Request, post_id: int) -> Response:
        post = self.found(post_id)
        unbookmark_post(post=post, by=self.member)
        return self.shown(post)


class MuteThread(PostView):
    @extend_schema(operation_id="mute_thread", request=None, responses={204: None})
    def post(self, request: Request, post_id: int) -> Response:
        """Mute the conversation a post is part of. Idempotent."""
        mute_thread(post=self.found(post_id), by=self.member)
        return Response(status=204)

    @extend_schema(operation_id="unmute_thread", responses={204: None})
    def delete(self, request: Request, post_id: int) -> Response:
        unmute_thread(post=self.found(post_id), by=self.member)
        return Response(status=204)


class PostHistory(PostView):
    @extend_schema(operation_id="history", responses=RevisionOut(many=True))
    def get(self, request: Request, post_id: int) -> Response:
        """List the earlier versions of a post, newest first."""
        return Response(RevisionOut(revisions_of(self.found(post_id), viewer=self.viewer), many=True).data)


class Bookmarks(PostView):
    @extend_schema(operation_id="bookmarks", responses=PostPage, parameters=[CURSOR])
    def get(self, request: Request) -> Response:
        """List your bookmarks. Only you can see them."""
        page: Page[Post] = bookmarks_of(self.member, cursor=request.GET.get("cursor"))
        return self.page(page, serialize_posts(page.items, self.viewer))


class TagFollowing(ApiView):
    @extend_schema(operation_id="follow_tag", request=None, responses=FollowedTagOut)
    def post(self, request: Request, name: str) -> Response:
        """Follow a hashtag, so that posts with it appear in your home feed. Idempotent."""
        member = self.member
        follow_tag(name=name, by=member)
        return Response(FollowedTagOut(tag_follows_of(member).get(tag__name=fold_tag(name))).data)

    @extend_schema(operation_id="unfollow_tag", responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        unfollow_tag(name=name, by=self.member)
        return Response(status=204)


class FollowedTags(ApiView):
    @extend_schema(
        operation_id="followed_tags",
        responses=paged("FollowedTag", FollowedTagOut),
        parameters=[CURSOR, LIMIT],
    )
    def get(self, request: Request) -> Response:
        """List the hashtags you follow, most recent first. Only you can see them."""
        page = self.paginated(tag_follows_of(self.member))
        return self.page(page, FollowedTagOut(page.items, many=True).data)
