import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Member
from core.pages import Page, paginate
from core.refusals import NotFound
from posts.actions import (
    bookmark_post,
    delete_post,
    edit_post,
    hold_post,
    like_post,
    publish_post,
    write_post,
)
from posts.models import Post
from posts.queries import (
    ANCESTORS_MAX,
    NESTED_MAX,
    Marks,
    bookmarks_of,
    revisions_of,
    thread_of,
    viewer_marks,
    visible_post,
)
from social.actions import block_member, import_follows
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


def request_of(viewer):
    request = RequestFactory().get("/")
    request.user = viewer
    return request


def some_posts(count, viewer):
    """Create varied posts: replies, edited, bookmarked, liked, by verified members and by the viewer."""
    parent = make_post(make_member())
    for i in range(count):
        author = viewer if i % 5 == 4 else make_member(is_verified=i % 3 == 0)
        post = make_post(author, f"Post {i} #tag https://example.com", in_reply_to=parent if i % 2 else None)
        if i % 2:
            like_post(post=post, by=viewer)
        if i % 3:
            bookmark_post(post=post, by=viewer)
        if i % 4 == 0:
            edit_post(post=post, by=author, text="edited")


# --- Visibility --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "seen_by"),
    [
        (Post.State.PUBLISHED, {"author", "other", "moderator", "guest"}),
        (Post.State.PENDING, {"author"}),
        (Post.State.HELD, {"author"}),
        (Post.State.REMOVED, {"author"}),
        (Post.State.DELETED, set()),
    ],
)
def test_the_state_decides_who_can_see_a_post(alice, bob, moderator, state, seen_by):
    post = make_post(alice)
    Post.objects.filter(pk=post.pk).update(state=state)
    for name, viewer in {"author": alice, "other": bob, "moderator": moderator, "guest": None}.items():
        if name in seen_by:
            assert visible_post(post.id, viewer) == post
        else:
            with pytest.raises(NotFound):
                visible_post(post.id, viewer)


def test_posts_by_suspended_members_are_not_found(alice, bob):
    post = make_post(alice)
    alice.is_active = False
    alice.save()
    for viewer in (bob, None):
        with pytest.raises(NotFound):
            visible_post(post.id, viewer)


# --- Queries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [5, 50])
def test_a_list_takes_one_query_for_its_posts_one_for_marks_and_none_for_cards(
    alice, count, django_assert_num_queries
):
    some_posts(count, alice)
    with django_assert_num_queries(1):
        page = paginate(Post.objects.visible_to(alice).with_card_fields(), size=count)
    with django_assert_num_queries(1):
        marks = viewer_marks(page.items, alice)
    context = {"page": page, "marks": marks, "more_url": "/"}
    with django_assert_num_queries(0):
        drawn = render_to_string("posts/_post_list.html", context, request_of(alice))
        for post in page.items:
            focus = render_to_string(
                "posts/_post_focus.html", {"post": post, "marks": marks}, request_of(alice)
            )
    assert drawn.count("<article") == count
    assert focus.count("<article") == 1


@pytest.mark.parametrize("count", [5, 50])
def test_a_thread_takes_the_same_queries_for_few_and_many_replies(
    alice, bob, count, django_assert_num_queries
):
    first = make_post(bob)
    post = make_post(bob, in_reply_to=first)
    for i in range(count):
        reply = make_post(make_member(), in_reply_to=post)
        for _ in range(i % 4):
            make_post(make_member(), in_reply_to=reply)
    post = visible_post(post.id, alice)
    with django_assert_num_queries(5):
        thread = thread_of(post, alice)
    with django_assert_num_queries(0):
        render_to_string(
            "posts/_replies.html", {"thread": thread, "post": post, "marks": thread.marks}, request_of(alice)
        )


def test_a_card_is_small(alice):
    post = Post.objects.with_card_fields().get(pk=make_post(make_member("averagename"), "x" * 100).pk)
    drawn = render_to_string("posts/_post.html", {"post": post, "marks": Marks()}, request_of(alice))
    assert len(drawn) < 2300


def test_marks_take_no_query_for_guests_and_empty_lists(alice, django_assert_num_queries):
    post = make_post(alice)
    with django_assert_num_queries(0):
        assert viewer_marks([post], None) == viewer_marks([], alice) == Marks()


def test_marks_are_the_viewers_own(alice, bob):
    liked, kept, neither = (make_post(alice) for _ in range(3))
    like_post(post=liked, by=bob)
    bookmark_post(post=kept, by=bob)
    like_post(post=neither, by=alice)
    marks = viewer_marks([liked, kept, neither], bob)
    assert marks == Marks(liked=frozenset({liked.id}), bookmarked=frozenset({kept.id}))


# --- Replies to posts not everyone can see -----------------------------------------------------------------


@pytest.fixture
def answers(alice, bob, carol):
    """Create Carol’s replies to posts by Alice, Bob and Pia, whose account is private; by the parent’s author."""
    pia = make_member("pia", is_private=True)
    import_follows([(carol.pk, pia.pk, timezone.now())])
    parents = {name: make_post(member) for name, member in (("alice", alice), ("bob", bob), ("pia", pia))}
    made = {name: make_post(carol, f"To {name}", in_reply_to=post) for name, post in parents.items()}
    dressed = Post.objects.with_card_fields().in_bulk([post.pk for post in made.values()])
    return {name: dressed[post.pk] for name, post in made.items()}


def with_hidden_parents(answers, viewer):
    marks = viewer_marks(answers.values(), viewer)
    return {name for name, post in answers.items() if post.in_reply_to_id in marks.hidden_parents}


def test_the_parent_by_a_private_account_is_hidden_from_everyone_but_its_followers(
    answers, alice, bob, carol
):
    for viewer in (None, alice, bob):
        assert with_hidden_parents(answers, viewer) == {"pia"}
    assert with_hidden_parents(answers, carol) == set()
    assert with_hidden_parents(answers, Member.objects.get(username="pia")) == set()


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_the_parent_is_hidden_across_a_block(answers, alice, bob, carol, blocker):
    one, other = (alice, bob) if blocker == "alice" else (bob, alice)
    block_member(member=other, by=one)
    assert with_hidden_parents(answers, alice) == {"bob", "pia"}
    assert with_hidden_parents(answers, bob) == {"alice", "pia"}
    assert with_hidden_parents(answers, carol) == set()


def test_a_reply_names_the_parents_author_only_if_visible(answers, alice, bob):
    def drawn(viewer, template):
        marks = viewer_marks(answers.values(), viewer)
        context = {"post": answers["bob"], "marks": marks}
        return render_to_string(f"posts/{template}.html", context, request_of(alice))

    for template in ("_post", "_post_focus"):
        assert "Replying to @bob" in drawn(alice, template)
        assert "Replying to @bob" in drawn(None, template)
    block_member(member=alice, by=bob)
    for template in ("_post", "_post_focus"):
        told = drawn(alice, template)
        assert "Replying to a post that isn’t available" in told
        assert "@bob" not in told
        assert str(answers["bob"].in_reply_to_id) not in told


def test_hidden_parents_take_no_extra_queries(answers, alice, django_assert_num_queries):
    with django_assert_num_queries(1):
        viewer_marks(answers.values(), alice)
    with django_assert_num_queries(0):
        viewer_marks(answers.values(), None)


# --- Threads -----------------------------------------------------------------------------------------------


def test_a_thread_has_ancestors_and_replies(alice, bob, carol):
    first = make_post(alice)
    second = make_post(bob, in_reply_to=first)
    third = make_post(carol, in_reply_to=second)
    below = [make_post(alice, in_reply_to=third) for _ in range(2)]
    nested = [make_post(bob, in_reply_to=below[0]) for _ in range(NESTED_MAX + 1)]
    make_post(carol, in_reply_to=nested[0])
    make_post(carol, in_reply_to=first)
    thread = thread_of(third, alice)
    assert [branch.post for branch in thread.ancestors] == [first, second]
    assert thread.earlier is None
    assert [branch.post for branch in thread.replies.items] == below
    assert thread.replies.items[0].replies == nested[:NESTED_MAX]
    assert thread.replies.items[0].more
    assert not thread.replies.items[1].more


def test_only_posts_with_visible_replies_leave_a_tombstone(alice, bob, carol):
    top = make_post(alice)
    gone = {}
    for name, end in (
        ("deleted", lambda post: delete_post(post=post, by=bob)),
        ("unavailable", lambda post: hold_post(post=post, reason="secret reason")),
    ):
        answered = make_post(bob, "secret words", in_reply_to=top)
        answer = make_post(carol, "Answer", in_reply_to=answered)
        unanswered = make_post(bob, "secret words", in_reply_to=top)
        end(answered)
        end(unanswered)
        gone[name] = (answered, answer)
    branches = thread_of(top, carol).replies.items
    assert [(b.id, b.post, b.gone, b.replies) for b in branches] == [
        (answered.id, None, name, [answer]) for name, (answered, answer) in gone.items()
    ]
    answer = visible_post(gone["unavailable"][1].id, carol)
    [first, above] = thread_of(answer, carol).ancestors
    assert (first.post, above.post, above.gone) == (top, None, "unavailable")
    drawn = render_to_string(
        "posts/_replies.html",
        {"thread": thread_of(top, carol), "post": top, "marks": Marks()},
        request_of(carol),
    )
    assert "secret" not in drawn
    assert "This post was deleted by its author." in drawn
    assert "This post isn’t available." in drawn
    # Authors can still see their held posts.
    assert [b.gone for b in thread_of(top, bob).replies.items] == ["deleted", "", ""]


def test_replies_under_a_tombstone_are_all_shown(alice, bob):
    top = make_post(alice)
    middle = make_post(bob, in_reply_to=top)
    answers = [make_post(alice, in_reply_to=middle) for _ in range(NESTED_MAX + 3)]
    delete_post(post=middle, by=bob)
    [branch] = thread_of(top, alice).replies.items
    assert branch.replies == answers


def test_replies_are_paged_oldest_first(alice, bob):
    top = make_post(alice)
    replies = [make_post(bob, in_reply_to=top) for _ in range(45)]
    found, cursor = [], None
    while cursor != "":
        page = thread_of(top, None, cursor=cursor).replies
        found += [branch.post for branch in page.items]
        cursor = page.next_cursor
    assert found == replies


def test_a_pending_reply_is_shown_to_its_author_only(alice, bob):
    top = make_post(alice)
    waiting = write_post(by=bob, text="x", in_reply_to=top)
    assert [b.post for b in thread_of(top, bob).replies.items] == [waiting]
    assert thread_of(top, alice).replies.items == thread_of(top, None).replies.items == []


def test_a_pending_reply_to_a_reply_is_shown_to_its_author_only(alice, bob, carol):
    top = make_post(alice)
    reply = make_post(alice, in_reply_to=top)
    pending = write_post(by=bob, text="x", in_reply_to=reply)
    assert [b.replies for b in thread_of(top, bob).replies.items] == [[pending]]
    assert [b.replies for b in thread_of(top, carol).replies.items] == [[]]


def test_ancestors_are_limited_with_a_link_to_earlier_posts(alice):
    post = make_post(alice)
    for _ in range(ANCESTORS_MAX + 5):
        post = make_post(alice, in_reply_to=post)
    thread = thread_of(post, None)
    assert len(thread.ancestors) == ANCESTORS_MAX
    assert thread.earlier == thread.ancestors[0].post
    assert thread.ancestors[-1].post == post.in_reply_to


# --- Bookmarks and history ---------------------------------------------------------------------------------


def test_bookmarks_are_newest_first_and_without_hidden_posts(alice, bob):
    posts = [make_post(bob) for _ in range(4)]
    for post in (posts[1], posts[3], posts[0], posts[2]):
        bookmark_post(post=post, by=alice)
    bookmark_post(post=posts[0], by=bob)
    hold_post(post=posts[3], reason="x")
    assert bookmarks_of(alice).items == [posts[2], posts[0], posts[1]]


def test_bookmarks_are_paged(alice, bob, django_assert_num_queries):
    posts = [make_post(bob) for _ in range(25)]
    for post in posts:
        bookmark_post(post=post, by=alice)
    with django_assert_num_queries(2):
        first = bookmarks_of(alice)
    second = bookmarks_of(alice, cursor=first.next_cursor)
    assert [*first.items, *second.items] == posts[::-1]
    assert isinstance(second, Page)
    assert second.next_cursor == ""


def test_revisions_are_newest_first(alice):
    post = make_post(alice, "1")
    for text in ("2", "3"):
        edit_post(post=post, by=alice, text=text)
        publish_post(post=post)
    assert [revision.text for revision in revisions_of(post, viewer=None)] == ["2", "1"]


def test_unreviewed_revisions_are_shown_to_the_author_only(alice, bob):
    post = make_post(alice, "Good")
    edit_post(post=post, by=alice, text="Vile")
    edit_post(post=post, by=alice, text="Good again")
    publish_post(post=post)
    edit_post(post=post, by=alice, text="Better")
    for viewer in (None, bob):
        assert [revision.text for revision in revisions_of(post, viewer=viewer)] == ["Good again", "Good"]
    own = revisions_of(post, viewer=alice)
    assert [(revision.text, revision.unreviewed) for revision in own] == [
        ("Good again", False), ("Vile", True), ("Good", False),
    ]  # fmt: skip
