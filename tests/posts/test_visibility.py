"""Who may read a post by the visibility that its author chose. The matrix (tests/visibility) asks every route."""

import pytest
from django.core.management import call_command

from core.refusals import Conflict, Invalid, NotFound
from feed.actions.trends import compute_trends
from feed.models import Trend
from feed.queries.explore import latest_posts, posts_tagged
from feed.queries.profile import posts_of
from feed.queries.timeline import following_timeline
from feed.sitemaps import SITEMAPS
from posts.actions import delete_post, edit_post, like_post, publish_post, write_post
from posts.models import Mention, Post, Tag
from posts.options import PostOptions
from posts.queries import readable_limited_author_ids, viewer_marks, visible_post, visible_tag
from search.kinds import POSTS
from social.actions import block_member, follow_member
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db

CHOICES = Post.Visibility.values


@pytest.fixture
def fan(alice):
    """Create a follower of Alice."""
    fan = make_member("fan")
    follow_member(member=alice, by=fan)
    return fan


def readers(post, **viewers):
    return {
        name
        for name, viewer in viewers.items()
        if Post.objects.visible_to(viewer).filter(pk=post.pk).exists()
    }


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        ("public", {"guest", "fan", "named", "stranger", "author"}),
        ("unlisted", {"guest", "fan", "named", "stranger", "author"}),
        ("followers", {"fan", "author"}),
        ("mentioned", {"named", "author"}),
    ],
)
def test_a_post_is_read_by_those_whom_its_visibility_names(visibility, expected, alice, bob, carol, fan):
    post = make_post(alice, "Hello @bob", visibility=visibility)
    assert readers(post, guest=None, fan=fan, named=bob, stranger=carol, author=alice) == expected


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        ("public", {"fan", "author"}),
        ("unlisted", {"fan", "author"}),
        ("followers", {"fan", "author"}),
        ("mentioned", {"named", "author"}),
    ],
)
def test_a_private_account_needs_a_follow_except_for_those_it_names(
    visibility, expected, alice, bob, carol, fan
):
    alice.is_private = True
    alice.save(update_fields=["is_private"])
    post = make_post(alice, "Hello @bob", visibility=visibility)
    assert readers(post, guest=None, fan=fan, named=bob, stranger=carol, author=alice) == expected


def test_a_block_hides_a_post_from_those_it_names(alice, bob):
    post = make_post(alice, "Hello @bob", visibility="mentioned")
    block_member(member=alice, by=bob)
    assert readers(post, named=bob, author=alice) == {"author"}


def test_a_post_is_public_unless_chosen_otherwise(alice):
    assert write_post(by=alice, text="Hello").visibility == "public"


def test_an_unknown_visibility_is_refused(alice):
    with pytest.raises(Invalid):
        write_post(by=alice, text="Hello", options=PostOptions(visibility="everyone"))
    assert not Post.objects.exists()


@pytest.mark.parametrize("parent", CHOICES)
@pytest.mark.parametrize("chosen", [None, *CHOICES])
def test_a_reply_is_never_more_open_than_either_author_chose(parent, chosen, alice, bob):
    follow_member(member=alice, by=bob)
    post = make_post(alice, "Hello @bob", visibility=parent)
    reply = make_post(bob, "Hello", in_reply_to=post, visibility=chosen)
    assert CHOICES.index(reply.visibility) == max(CHOICES.index(parent), CHOICES.index(chosen or "public"))


def test_a_reply_for_mentioned_members_is_for_the_author_it_replies_to(alice, bob, carol):
    post = make_post(alice, "Hello")
    reply = make_post(bob, "Only you", in_reply_to=post, visibility="mentioned")
    assert readers(reply, alice=alice, bob=bob, carol=carol, guest=None) == {"alice", "bob"}
    edit_post(post=reply, by=bob, text="Only you, still")
    assert readers(reply, alice=alice, carol=carol) == {"alice"}


def test_an_edit_that_no_longer_names_somebody_ends_their_access(alice, bob, carol, monkeypatch):
    post = make_post(alice, "Hello @bob", visibility="mentioned")
    rechecked: list[int] = []
    monkeypatch.setattr("posts.actions.writing.recheck_sockets_of", rechecked.append)
    edit_post(post=post, by=alice, text="Hello @carol")
    assert readers(post, bob=bob, carol=carol) == {"carol"}
    assert rechecked == [bob.pk]


def test_nobody_answers_a_post_that_they_may_not_read(alice, bob, carol):
    post = make_post(alice, "Hello @bob", visibility="mentioned")
    with pytest.raises(NotFound):
        write_post(by=carol, text="Me too", in_reply_to=post)


def test_a_repeated_key_with_another_visibility_is_a_conflict(alice):
    first = write_post(
        by=alice, text="Hello", options=PostOptions(visibility="followers"), idempotency_key="k"
    )
    assert (
        write_post(by=alice, text="Hello", options=PostOptions(visibility="followers"), idempotency_key="k")
        == first
    )
    with pytest.raises(Conflict):
        write_post(by=alice, text="Hello", options=PostOptions(visibility="public"), idempotency_key="k")


@pytest.mark.parametrize(
    ("visibility", "stranger_lists", "fan_lists"),
    [
        ("public", True, True),
        ("unlisted", False, False),
        ("followers", False, True),
        ("mentioned", False, False),
    ],
)
def test_lists_of_everyones_posts_show_what_is_listed(visibility, stranger_lists, fan_lists, alice, bob, fan):
    make_post(alice, "#bread", visibility=visibility)
    tag = Tag.objects.get(name="bread")
    for viewer, lists in ((None, stranger_lists), (bob, stranger_lists), (fan, fan_lists)):
        assert bool(latest_posts(viewer).items) == lists
        assert bool(posts_tagged(tag, viewer=viewer).items) == lists
        if lists:
            assert visible_tag("bread", viewer=viewer) == tag
        else:
            with pytest.raises(NotFound):
                visible_tag("bread", viewer=viewer)
    assert bool(SITEMAPS["posts"].items()) == (visibility == "public")
    assert bool(POSTS.findable()) == (visibility in ("public", "followers"))


def test_an_unlisted_post_is_on_the_profile_and_in_the_homes_of_followers(alice, fan):
    post = make_post(alice, "Quietly", visibility="unlisted")
    assert posts_of(alice, viewer=None).items == [post]
    assert following_timeline(fan).items == [post]


def test_only_public_posts_trend(alice, bob, carol, fan):
    for visibility in CHOICES:
        post = make_post(alice, f"#{visibility} @bob @carol", visibility=visibility)
        for member in (bob, carol, fan):
            make_post(member, f"#{visibility}", visibility=visibility)
            if readers(post, member=member):
                like_post(post=post, by=member)
    compute_trends()
    tags = set(Trend.objects.filter(kind=Trend.Kind.TAG).values_list("tag__name", flat=True))
    posts = set(Trend.objects.filter(kind=Trend.Kind.POST).values_list("post__visibility", flat=True))
    assert (tags, posts) == ({"public"}, {"public"})


def test_counters_count_what_anyone_could_list(alice, bob):
    follow_member(member=bob, by=alice)
    parent = make_post(alice, "Well?")
    replies = [make_post(bob, "Yes", in_reply_to=parent, visibility=visibility) for visibility in CHOICES]
    parent.refresh_from_db()
    bob.refresh_from_db()
    assert (parent.replies_count, bob.posts_count) == (2, 2)
    for reply in replies:
        delete_post(post=reply, by=bob)
    parent.refresh_from_db()
    bob.refresh_from_db()
    assert (parent.replies_count, bob.posts_count) == (0, 0)
    call_command("recount", check=True)


def test_a_reply_does_not_reveal_a_parent_that_the_viewer_may_not_read(alice, bob, carol, fan):
    for visibility, reads in (("followers", {"fan"}), ("mentioned", {"bob"})):
        parent = make_post(alice, "Hello @bob", visibility=visibility)
        # More open than its parent, as an import may make it.
        reply = Post.objects.create(
            author=carol, text="So", html="<p>So</p>", in_reply_to=parent, state=Post.State.PUBLISHED
        )
        for name, viewer in {"guest": None, "bob": bob, "carol": carol, "fan": fan}.items():
            hidden = viewer_marks([visible_post(reply.pk, viewer)], viewer).hidden_parents
            assert (parent.pk not in hidden) == (name in reads), (visibility, name)


def test_the_audiences_of_a_search_are_authors_with_posts_for_followers(alice, bob, fan):
    assert readable_limited_author_ids(fan) == []
    make_post(alice, "Friends only", visibility="followers")
    assert readable_limited_author_ids(fan) == [alice.pk]
    assert readable_limited_author_ids(alice) == [alice.pk]
    assert readable_limited_author_ids(bob) == readable_limited_author_ids(None) == []


def test_the_api_takes_and_returns_the_visibility(client, alice, bob):
    client.force_login(alice)
    answer = client.post(
        "/api/posts", {"text": "Hello @bob", "visibility": "mentioned"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["visibility"]) == (201, "mentioned")
    wrong = client.post("/api/posts", {"text": "Hello", "visibility": "x"}, content_type="application/json")
    assert wrong.status_code == 422 or wrong.status_code == 400
    publish_post(post=Post.objects.get())
    assert Mention.objects.get().member == bob
    client.force_login(bob)
    assert client.get(f"/api/posts/{answer.json()['id']}").json()["visibility"] == "mentioned"


def test_search_engines_are_asked_not_to_index_an_unlisted_post(client, alice):
    assert "noindex" in client.get(make_post(alice, "Quietly", visibility="unlisted").path).content.decode()
    assert "noindex" not in client.get(make_post(alice, "Loudly").path).content.decode()
