"""Threads, drafts and scheduled posts."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, IDEMPOTENCY_KEY, LIMIT, paged
from posts.actions import create_draft, delete_draft, edit_draft, publish_draft, write_thread
from posts.api import PostView
from posts.models import Post
from posts.options import PostContent
from posts.queries import drafts_of, own_draft, scheduled_of
from posts.queries.drafts import BY_CHANGE, BY_TIME
from posts.serializers import DraftChangesIn, DraftIn, DraftOut, PostOut, ThreadIn, serialize_posts

DraftPage = paged("Draft", DraftOut)


class Threads(PostView):
    @extend_schema(
        operation_id="write_thread",
        request=ThreadIn,
        responses={201: PostOut(many=True)},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Write several posts at once, all or none, each a reply to the one before. Returns them in order."""
        member, given = self.member, self.checked(ThreadIn)
        written = write_thread(
            by=member,
            posts=[PostContent.of(post) for post in given["posts"]],
            in_reply_to=self.parent_of(given),
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        # When a request is repeated, one of them may have been deleted.
        found = Post.objects.visible_to(member).with_card_fields().in_bulk([post.id for post in written])
        posts = [found[post.id] for post in written if post.id in found]
        return Response(serialize_posts(posts, member), status=201)


class Drafts(PostView):
    @extend_schema(operation_id="drafts", responses=DraftPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List your drafts, last changed first. What is scheduled is at /api/scheduled."""
        page = self.paginated(drafts_of(self.member), keys=BY_CHANGE)
        return self.page(page, DraftOut(page.items, many=True).data)

    @extend_schema(
        operation_id="create_draft",
        request=DraftIn,
        responses={201: DraftOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Save a post or thread to send later: when you say so, or at `scheduled_at`."""
        member, given = self.member, self.checked(DraftIn)
        draft = create_draft(
            by=member,
            posts=[PostContent.of(post) for post in given["posts"]],
            in_reply_to=self.parent_of(given),
            scheduled_at=given.get("scheduled_at"),
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return Response(DraftOut(draft).data, status=201)


class OneDraft(ApiView):
    @extend_schema(operation_id="draft", responses=DraftOut)
    def get(self, request: Request, draft_id: int) -> Response:
        """Get a draft or scheduled post."""
        return Response(DraftOut(own_draft(draft_id, self.member)).data)

    @extend_schema(operation_id="edit_draft", request=DraftChangesIn, responses=DraftOut)
    def patch(self, request: Request, draft_id: int) -> Response:
        """Change the posts or the time of a draft or scheduled post."""
        member = self.member
        draft = own_draft(draft_id, member)
        given = self.checked(DraftChangesIn)
        posts = [PostContent.of(post) for post in given["posts"]] if "posts" in given else None
        at = given.get("scheduled_at")
        draft = edit_draft(
            draft=draft,
            by=member,
            posts=posts,
            scheduled_at=at,
            unschedule="scheduled_at" in given and at is None,
        )
        return Response(DraftOut(draft).data)

    @extend_schema(operation_id="delete_draft", responses={204: None})
    def delete(self, request: Request, draft_id: int) -> Response:
        """Delete a draft, or cancel and delete a scheduled post."""
        member = self.member
        delete_draft(draft=own_draft(draft_id, member), by=member)
        return Response(status=204)


class DraftPublishing(PostView):
    @extend_schema(operation_id="publish_draft", request=None, responses={201: PostOut})
    def post(self, request: Request, draft_id: int) -> Response:
        """Send a draft or scheduled post now. Returns its first post. Idempotent for a day."""
        return self.shown(publish_draft(draft_id=draft_id, by=self.member), status=201)


class Scheduled(ApiView):
    @extend_schema(operation_id="scheduled", responses=DraftPage, parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List your scheduled posts, the next first."""
        page = self.paginated(scheduled_of(self.member), keys=BY_TIME)
        return self.page(page, DraftOut(page.items, many=True).data)
