import pytest
from django.utils import timezone

from core.refusals import Conflict, Forbidden, Invalid, NotFound
from posts.actions import (
    bookmark_post,
    delete_post,
    edit_post,
    hold_post,
    like_post,
    publish_post,
    remove_post,
    write_post,
)
from posts.models import Bookmark, Like, Mention, Post, PostRevision, PostTag, Tag
from tests.factories import make_member, make_post
from tests.posts.conftest import at_once

pytestmark = pytest.mark.django_db


# --- Writing -----------------------------------------------------------------------------------------------


def test_a_new_post_is_pending_and_emits_an_event(alice, emitted):
    post = write_post(by=alice, text="Hello")
    post.refresh_from_db()
    assert (post.text, post.html, post.state, post.author) == ("Hello", "Hello", Post.State.PENDING, alice)
    assert post.in_reply_to is None
    assert post.root is None
    assert post.published_at is None
    assert emitted() == [("PostWritten", {"post_id": post.id, "author_id": alice.id})]
    alice.refresh_from_db()
    assert alice.posts_count == 0


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "\x00\x01", "\u3164"])
def test_blank_texts_are_refused(alice, emitted, text):
    with pytest.raises(Invalid) as refusal:
        write_post(by=alice, text=text)
    assert refusal.value.fields["text"]
    assert not Post.objects.exists()
    assert emitted() == []


def test_the_limit_counts_code_points_after_cleaning(alice, settings):
    settings.POST_MAX_LENGTH = 10
    assert write_post(by=alice, text="  " + "日" * 10 + "\n\n ").text == "日" * 10
    assert write_post(by=alice, text="e\u0301" * 10).text == "é" * 10
    with pytest.raises(Invalid) as refusal:
        write_post(by=alice, text="日" * 11)
    assert refusal.value.fields == {"text": ["That’s 1 character too long."]}
    with pytest.raises(Invalid):
        write_post(by=alice, text="👍" * 500)


def test_suspended_members_cannot_write(alice):
    alice.is_active = False
    with pytest.raises(Forbidden):
        write_post(by=alice, text="x")


def test_each_active_member_is_mentioned_once(alice, bob, carol):
    carol.is_active = False
    carol.save()
    post = write_post(by=alice, text="@bob @BOB @carol @nobody @alice")
    assert set(Mention.objects.filter(post=post).values_list("member__username", flat=True)) == {
        "bob",
        "alice",
    }
    assert '<a class="mention" href="/@bob">@BOB</a>' in post.html
    assert "@carol" in post.html
    assert "/@carol" not in post.html


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#One #two #ONE", {"one", "two"}),
        ("#العربية #हिन्दी #ภาษาไทย #日本語 #한국어", {"العربية", "हिन्दी", "ภาษาไทย", "日本語", "한국어"}),
        ("#party🎉 #🎉 #1", {"party"}),
    ],
)
def test_each_tag_is_stored_once(alice, text, names):
    post = write_post(by=alice, text=text)
    assert set(PostTag.objects.filter(post=post).values_list("tag__name", flat=True)) == names


def test_a_tag_keeps_its_first_spelling(alice, bob):
    make_post(alice, "#KithDay")
    write_post(by=bob, text="#kithday")
    assert Tag.objects.get().label == "KithDay"


def test_a_tag_does_not_keep_the_spelling_of_a_hidden_post(alice, bob):
    write_post(by=alice, text="#KithDay")
    write_post(by=bob, text="#kithday")
    assert Tag.objects.get().label == "kithday"


def test_twenty_tags_take_as_many_queries_as_one(alice, django_assert_max_num_queries):
    write_post(by=alice, text=" ".join(f"#t{i}" for i in range(20)))
    with django_assert_max_num_queries(12):
        write_post(by=alice, text=" ".join(f"#t{i}" for i in range(20)) + " @alice")


# --- Replies -----------------------------------------------------------------------------------------------


def test_a_reply_has_its_parent_and_root(alice, bob):
    first = make_post(alice)
    answer = make_post(bob, in_reply_to=first)
    again = make_post(alice, in_reply_to=answer)
    assert (answer.in_reply_to, answer.root) == (first, first)
    assert (again.in_reply_to, again.root) == (answer, first)


@pytest.mark.parametrize(
    "state", [Post.State.PENDING, Post.State.HELD, Post.State.REMOVED, Post.State.DELETED]
)
def test_hidden_posts_cannot_be_replied_to(alice, bob, state):
    post = make_post(alice)
    Post.objects.filter(pk=post.pk).update(state=state)
    with pytest.raises(NotFound):
        write_post(by=bob, text="x", in_reply_to=post)


def test_authors_can_reply_to_their_pending_but_not_removed_posts(alice):
    post = write_post(by=alice, text="1/2")
    write_post(by=alice, text="2/2", in_reply_to=post)
    remove_post(post=post, reason="No.")
    with pytest.raises(Conflict):
        write_post(by=alice, text="3/2", in_reply_to=post)


# --- Twice -------------------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_post(alice, emitted):
    first = write_post(by=alice, text="Hello #a", idempotency_key="k")
    second = write_post(by=alice, text="Hello #a ", idempotency_key="k")
    assert first == second
    assert len(emitted()) == 1
    assert Post.objects.count() == 1


def test_the_same_key_for_another_text_or_place_is_a_conflict(alice, bob):
    parent = make_post(bob)
    write_post(by=alice, text="Hello", idempotency_key="k")
    for options in ({"text": "Other"}, {"text": "Hello", "in_reply_to": parent}):
        with pytest.raises(Conflict):
            write_post(by=alice, idempotency_key="k", **options)


def test_idempotency_keys_belong_to_one_member(alice, bob):
    assert write_post(by=alice, text="x", idempotency_key="k") != write_post(
        by=bob, text="x", idempotency_key="k"
    )


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_with_one_key_create_one_post(alice):
    results = at_once(*[lambda: write_post(by=alice, text="Hi #new", idempotency_key="k").id] * 8)
    assert len(set(results)) == 1, results
    assert Post.objects.get().id == results[0]
    assert PostTag.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_posts_with_the_same_new_tags_in_any_order_all_succeed(alice):
    def write(i):
        tags = [f"#tag{(i + j) % 8}" for j in range(8)]
        return lambda: write_post(by=alice, text=" ".join(tags))

    results = at_once(*[write(i) for i in range(8)])
    assert all(isinstance(result, Post) for result in results), results
    assert Tag.objects.count() == 8
    assert PostTag.objects.count() == 64


# --- Editing -----------------------------------------------------------------------------------------------


def test_an_edit_saves_the_earlier_version(alice, bob, emitted):
    post = make_post(alice, "First #one @bob")
    emitted()
    assert edit_post(post=post, by=alice, text="Second #two <b>")
    post.refresh_from_db()
    assert post.text == "Second #two <b>"
    assert "&lt;b&gt;" in post.html
    assert post.edited_at is not None
    assert post.state == Post.State.PUBLISHED
    [revision] = PostRevision.objects.filter(post=post)
    assert revision.text == "First #one @bob"
    assert revision.written_at == post.created_at
    assert set(post.tags.values_list("tag__name", flat=True)) == {"two"}
    assert not post.mentions.exists()
    assert emitted() == [("PostEdited", {"post_id": post.id, "author_id": alice.id})]


def test_a_revision_has_the_time_of_its_own_edit(alice):
    post = make_post(alice, "1")
    edit_post(post=post, by=alice, text="2")
    first_edit = post.edited_at
    edit_post(post=post, by=alice, text="3")
    assert list(post.revisions.order_by("id").values_list("text", "written_at")) == [
        ("1", post.created_at),
        ("2", first_edit),
    ]


def test_unchanged_mentions_and_tags_keep_their_rows(alice, bob, carol):
    post = make_post(alice, "@bob @carol #a #b")
    kept = (post.mentions.get(member=bob).pk, post.tags.get(tag__name="a").pk)
    edit_post(post=post, by=alice, text="@bob #a #c")
    assert (post.mentions.get().pk, post.tags.get(tag__name="a").pk) == kept
    assert set(post.tags.values_list("tag__name", flat=True)) == {"a", "c"}


def test_an_edit_with_the_same_text_changes_nothing(alice, emitted):
    post = make_post(alice, "Same")
    emitted()
    assert not edit_post(post=post, by=alice, text=" Same\n")
    post.refresh_from_db()
    assert post.edited_at is None
    assert not PostRevision.objects.exists()
    assert emitted() == []


def test_only_the_author_can_edit(alice, bob, moderator):
    post = make_post(alice, "Mine")
    for other in (bob, moderator):
        with pytest.raises(Forbidden):
            edit_post(post=post, by=other, text="Yours")
    waiting = write_post(by=alice, text="Waiting")
    with pytest.raises(NotFound):
        edit_post(post=waiting, by=bob, text="Yours")
    post.refresh_from_db()
    assert post.text == "Mine"


def test_an_edit_is_validated_like_a_new_post(alice, settings):
    settings.POST_MAX_LENGTH = 5
    post = make_post(alice, "Hello")
    for text in ("", "Hello!"):
        with pytest.raises(Invalid):
            edit_post(post=post, by=alice, text=text)


def test_an_edit_by_a_new_member_is_pending_again(emitted):
    newcomer = make_member("newcomer", joined_at=timezone.now())
    post = make_post(newcomer, "Hello")
    emitted()
    edit_post(post=post, by=newcomer, text="Buy now")
    post.refresh_from_db()
    newcomer.refresh_from_db()
    assert post.state == Post.State.PENDING
    assert newcomer.posts_count == 0
    assert [name for name, _ in emitted()] == ["PostHidden", "PostEdited"]
    publish_post(post=post)
    newcomer.refresh_from_db()
    assert newcomer.posts_count == 1
    assert [name for name, _ in emitted()] == ["PostRestored"]


def test_editing_a_held_post_requests_review_and_a_removed_one_is_refused(alice, emitted):
    post = make_post(alice)
    hold_post(post=post, reason="Spam?")
    edit_post(post=post, by=alice, text="Not spam")
    post.refresh_from_db()
    assert (post.state, post.state_reason) == (Post.State.PENDING, "")
    remove_post(post=post, reason="Spam.")
    with pytest.raises(Forbidden):
        edit_post(post=post, by=alice, text="Really not")
    assert [name for name, _ in emitted()].count("PostHidden") == 1


def test_deleted_posts_cannot_be_edited(alice):
    post = make_post(alice)
    stale = Post.objects.get(pk=post.pk)
    delete_post(post=post, by=alice)
    with pytest.raises(NotFound):
        edit_post(post=stale, by=alice, text="Back")
    assert Post.objects.get(pk=post.pk).text == ""


@pytest.mark.django_db(transaction=True)
def test_concurrent_edits_are_all_in_the_history(alice):
    post = make_post(alice, "0")
    results = at_once(
        *[
            lambda text=str(n): edit_post(post=Post.objects.get(pk=post.pk), by=alice, text=text)
            for n in range(1, 7)
        ]
    )
    assert results == [True] * 6
    post.refresh_from_db()
    said = {*post.revisions.values_list("text", flat=True), post.text}
    assert said == {str(n) for n in range(7)}


# --- Deleting ----------------------------------------------------------------------------------------------


def test_deleting_leaves_only_an_empty_row_in_the_thread(alice, bob, emitted):
    parent = make_post(bob)
    post = make_post(alice, "Secret #tag @bob", in_reply_to=parent)
    answer = make_post(bob, "Answer", in_reply_to=post)
    like_post(post=post, by=bob)
    bookmark_post(post=post, by=bob)
    edit_post(post=post, by=alice, text="Still secret #tag @bob")
    emitted()
    assert delete_post(post=post, by=alice)
    post.refresh_from_db()
    parent.refresh_from_db()
    alice.refresh_from_db()
    assert (post.state, post.text, post.html) == (Post.State.DELETED, "", "")
    assert (post.likes_count, post.bookmarks_count) == (0, 0)
    for model in (Like, Bookmark, PostRevision, Mention, PostTag):
        assert not model.objects.filter(post=post).exists()
    assert (parent.replies_count, alice.posts_count) == (0, 0)
    answer.refresh_from_db()
    assert answer.in_reply_to_id == post.id
    assert emitted() == [("PostHidden", {"post_id": post.id, "author_id": alice.id, "by_author": True})]
    for viewer in (alice, bob, None):
        assert not Post.objects.visible_to(viewer).filter(pk=post.pk).exists()


def test_deleting_twice_counts_once(alice, emitted):
    post, other = make_post(alice), make_post(alice)
    stale = Post.objects.get(pk=post.pk)
    emitted()
    delete_post(post=post, by=alice)
    with pytest.raises(NotFound):
        delete_post(post=Post(id=1, author_id=other.id), by=alice)
    assert not delete_post(post=stale, by=alice)
    alice.refresh_from_db()
    assert alice.posts_count == 1
    assert len(emitted()) == 1


def test_only_the_author_can_delete(alice, bob, moderator):
    post = make_post(alice)
    for other in (bob, moderator):
        with pytest.raises(Forbidden):
            delete_post(post=post, by=other)
    assert Post.objects.get(pk=post.pk).is_published


def test_deleting_a_pending_post_changes_no_count(alice, emitted):
    post = write_post(by=alice, text="Oops")
    emitted()
    assert delete_post(post=post, by=alice)
    alice.refresh_from_db()
    assert alice.posts_count == 0
    assert [name for name, _ in emitted()] == ["PostHidden"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_deletions_delete_once(alice, bob, emitted):
    post = make_post(alice)
    make_post(alice)
    emitted()
    results = at_once(*[lambda: delete_post(post=Post.objects.get(pk=post.pk), by=alice)] * 4)
    assert sorted(results) == [False, False, False, True], results
    alice.refresh_from_db()
    assert alice.posts_count == 1
    assert len(emitted()) == 1
