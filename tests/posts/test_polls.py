"""Polls: vote, results, change, end. tests/races/test_votes.py races votes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.counters import COUNTERS
from core.counters import drift_of
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from notifications.models import Notification, NotificationKind
from posts import actions
from posts.models import Poll, PollOption, Post, Vote
from posts.options import PostOptions
from posts.queries import viewer_marks
from posts.serializers import serialize_posts
from posts.tasks import end_polls
from social.actions import block_member
from tests.factories import close, make_member, make_post, reopen

pytestmark = pytest.mark.django_db


def make_poll(author, *options, text="Which one?", published=True, **more):
    return make_post(author, text, published=published, poll={"options": options or ("Red", "Green"), **more})


def the(post):
    return Post.objects.with_card_fields().get(pk=post.pk)


def shown(post, viewer):
    return viewer_marks([the(post)], viewer).polls[post.pk]


def votes(post, viewer):
    return [option.votes for option in shown(post, viewer).options]


def end(post):
    past = timezone.now() - timedelta(seconds=1)
    Poll.objects.filter(pk=post.pk).update(expires_at=past, due_at=past)


def told(post, kind=NotificationKind.POLL):
    return sorted(
        Notification.objects.filter(post=post, kind=kind).values_list("member__username", flat=True)
    )


def no_drift():
    return [str(drift_of(counter)) for counter in COUNTERS if drift_of(counter)] == []


@pytest.mark.parametrize(
    "poll",
    [
        {},
        {"options": ["Red"]},
        {"options": ["Red", " "]},
        {"options": list("abcdefg")},
        {"options": ["Red", "red"]},
        {"options": ["Red", "x" * 51]},
        {"options": ["Red", "Green"], "expires_in": 299},
        {"options": ["Red", "Green"], "expires_in": 2_592_001},
    ],
)
def test_a_poll_is_checked(poll, alice):
    with pytest.raises(Invalid) as refused:
        actions.write_post(by=alice, text="Which?", options=PostOptions(poll=poll))
    assert list(refused.value.fields) == ["poll"]
    assert not Post.objects.exists()


def test_a_vote_counts_once(alice, bob, carol):
    post = make_poll(alice)
    assert actions.vote(post=post, by=bob, choices=[1])
    assert not actions.vote(post=post, by=bob, choices=[1])
    with pytest.raises(Conflict):
        actions.vote(post=post, by=bob, choices=[0])
    assert actions.vote(post=post, by=carol, choices=[0])
    assert votes(post, bob) == [1, 1]
    assert shown(post, bob).own_choices == (1,)
    assert shown(post, bob).voters_count == 2
    assert no_drift()


def test_several_choices_count_one_voter(alice, bob, carol):
    post = make_poll(alice, "Red", "Green", "Blue", multiple=True)
    actions.vote(post=post, by=bob, choices=[2, 0, 2])
    actions.vote(post=post, by=carol, choices=[0])
    poll = shown(post, bob)
    assert [option.votes for option in poll.options] == [2, 0, 1]
    assert [option.percent for option in poll.options] == [100, 0, 50]
    assert (poll.voters_count, poll.own_choices) == (2, (0, 2))
    assert no_drift()


@pytest.mark.parametrize("choices", [[], [2], [-1], [0, 1]])
def test_wrong_choices_are_refused(choices, alice, bob):
    post = make_poll(alice)
    with pytest.raises(Invalid):
        actions.vote(post=post, by=bob, choices=choices)
    assert not Vote.objects.exists()


def test_some_may_not_vote(alice, bob, carol):
    post = make_poll(alice)
    with pytest.raises(Forbidden):
        actions.vote(post=post, by=alice, choices=[0])
    block_member(member=bob, by=alice)
    with pytest.raises(NotFound):
        actions.vote(post=post, by=bob, choices=[0])
    with pytest.raises(NotFound):
        actions.vote(post=make_poll(alice, published=False), by=carol, choices=[0])
    with pytest.raises(Conflict):
        actions.vote(post=make_post(alice), by=carol, choices=[0])
    end(post)
    with pytest.raises(Conflict):
        actions.vote(post=post, by=carol, choices=[0])
    close(carol)
    with pytest.raises(Forbidden):
        actions.vote(post=post, by=carol, choices=[0])
    assert not Vote.objects.exists()


@pytest.mark.parametrize("hide", [False, True])
def test_results_are_shown_after_voting_or_at_the_end(hide, alice, bob, carol):
    post = make_poll(alice, hide_results=hide)
    actions.vote(post=post, by=bob, choices=[0])
    before = [None, None] if hide else [1, 0]
    assert votes(post, bob) == votes(post, alice) == before
    assert votes(post, carol) == votes(post, None) == [None, None]
    end(post)
    assert votes(post, bob) == votes(post, alice) == votes(post, carol) == votes(post, None) == [1, 0]


def test_a_page_of_polls_takes_one_query(alice, bob, django_assert_num_queries):
    posts = [the(make_poll(alice)) for _ in range(3)]
    with django_assert_num_queries(2):
        viewer_marks(posts, bob)
    with django_assert_num_queries(1):
        viewer_marks(posts, None)
    plain = [the(make_post(alice))]
    with django_assert_num_queries(1):
        viewer_marks(plain, bob)


def test_a_closed_account_does_not_count(alice, bob, carol):
    post = make_poll(alice, multiple=True)
    actions.vote(post=post, by=bob, choices=[0, 1])
    actions.vote(post=post, by=carol, choices=[0])
    close(bob)
    assert votes(post, carol) == [1, 0]
    assert shown(post, carol).voters_count == 1
    assert no_drift()
    reopen(bob)
    assert votes(post, carol) == [2, 1]
    assert no_drift()


def test_everyone_is_told_of_the_end_once(alice, bob, carol, deliver):
    post = make_poll(alice)
    actions.vote(post=post, by=bob, choices=[0])
    deliver()
    end_polls()
    deliver()
    assert told(post) == []
    end(post)
    end_polls()
    end_polls()
    assert not actions.end_poll(post_id=post.pk)
    deliver()
    assert told(post) == ["alice", "bob"]
    assert not Poll.objects.due().exists()


def test_many_voters_are_told_in_several_events(alice, deliver, monkeypatch):
    monkeypatch.setattr(actions.polls, "VOTERS_PER_EVENT", 2)
    post = make_poll(alice)
    voters = [make_member() for _ in range(5)]
    for voter in voters:
        actions.vote(post=post, by=voter, choices=[0])
    end(post)
    end_polls()
    deliver()
    assert told(post) == sorted(["alice", *(voter.username for voter in voters)])


def test_a_poll_that_fails_to_end_keeps_no_other_waiting(alice, deliver, monkeypatch):
    first, second = make_poll(alice), make_poll(alice)
    end(first)
    end(second)
    real = actions.end_poll

    def fails_once(*, post_id):
        if post_id == first.pk:
            raise RuntimeError
        return real(post_id=post_id)

    monkeypatch.setattr("posts.tasks.end_poll", fails_once)
    end_polls()
    deliver()
    assert (told(first), told(second)) == ([], ["alice"])
    Poll.objects.filter(pk=first.pk).update(due_at=timezone.now())
    monkeypatch.undo()
    end_polls()
    deliver()
    assert told(first) == ["alice"]


def test_who_was_blocked_since_is_not_told(alice, bob, deliver):
    post = make_poll(alice)
    actions.vote(post=post, by=bob, choices=[0])
    block_member(member=bob, by=alice)
    end(post)
    end_polls()
    deliver()
    assert told(post) == ["alice"]


def edit(post, poll):
    from django.db import transaction

    with transaction.atomic():
        changed = actions.edit_poll(post=post, chosen=poll)
        post.save(update_fields=["poll_text"])
    return changed


def test_other_options_start_the_count_anew(alice, bob, carol, deliver):
    post = make_poll(alice)
    actions.vote(post=post, by=bob, choices=[0])
    assert not edit(post, {"options": ["Red", "Green"]})
    assert edit(post, {"options": ["Red", "Blue"]})
    deliver()
    assert told(post, NotificationKind.REVOTE) == ["bob"]
    assert the(post).poll_text == "Red\nBlue"
    assert (shown(post, bob).voted, shown(post, bob).voters_count) == (False, 0)
    actions.vote(post=post, by=bob, choices=[1])
    assert edit(post, {"options": ["Red", "Grey"]})
    deliver()
    assert told(post, NotificationKind.REVOTE) == ["bob"]
    assert no_drift()


def test_hiding_results_keeps_the_votes(alice, bob):
    post = make_poll(alice)
    actions.vote(post=post, by=bob, choices=[0])
    assert edit(post, {"options": ["Red", "Green"], "hide_results": True})
    assert shown(post, bob).voters_count == 1
    assert votes(post, bob) == [None, None]


def test_a_poll_is_added_and_removed(alice, bob):
    post = make_post(alice)
    assert not edit(post, None)
    assert edit(post, {"options": ["Red", "Green"]})
    assert votes(post, alice) == [0, 0]
    assert edit(post, None)
    assert (the(post).poll_text, PollOption.objects.count()) == ("", 0)


def test_an_ended_poll_stays_as_it_is(alice, bob):
    post = make_poll(alice)
    end(post)
    for poll in (None, {"options": ["Red", "Blue"]}, {"options": ["Red", "Green"], "hide_results": True}):
        with pytest.raises(Conflict):
            edit(post, poll)
    assert not edit(post, {"options": ["Red", "Green"]})


def test_a_deleted_post_takes_its_poll_along(alice, bob):
    post = make_poll(alice)
    actions.vote(post=post, by=bob, choices=[0])
    actions.delete_post(post=post, by=alice)
    assert not Poll.objects.exists()
    assert not Vote.objects.exists()
    assert the(post).poll_text == ""
    with pytest.raises(NotFound):
        actions.vote(post=post, by=bob, choices=[0])


def test_options_are_reviewed_and_muted_like_the_text(alice):
    post = make_poll(alice, "Red", "Buy pills")
    assert post.words == "Which one?\nRed\nBuy pills"


def test_the_api_takes_and_shows_polls(client, alice, bob):
    client.force_login(alice)
    given = {"options": ["Red", "Green"], "multiple": True, "expires_in": 600, "hide_results": False}
    response = client.post("/api/posts", {"text": "Which?", "poll": given}, content_type="application/json")
    assert response.status_code == 201, response.content
    post = Post.objects.get()
    actions.publish_post(post=post)
    client.force_login(bob)
    poll = client.get(f"/api/posts/{post.pk}").json()["poll"]
    assert poll["options"] == [{"text": "Red", "votes": None}, {"text": "Green", "votes": None}]
    assert (poll["voted"], poll["ended"], poll["voters_count"], poll["own_choices"]) == (False, False, 0, [])
    path = f"/api/posts/{post.pk}/vote"
    for _ in range(2):
        response = client.post(path, {"choices": [0, 1]}, content_type="application/json")
        assert response.status_code == 200
        assert [option["votes"] for option in response.json()["poll"]["options"]] == [1, 1]
    assert client.post(path, {"choices": [0]}, content_type="application/json").status_code == 409
    for wrong in ('{"choices": []}', '{"choices": [9]}', '{"choices": ["a"]}', "{}"):
        assert client.post(path, wrong, content_type="application/json").status_code == 422
    assert serialize_posts([the(make_post(alice))], bob)[0]["poll"] is None


def test_a_form_votes_without_script(client, alice, bob):
    client.force_login(alice)
    form = {"text": "Which?", "poll_option": ["Red", "", "Green"], "poll_expires_in": "600"}
    assert client.post("/posts", form).status_code == 302
    post = Post.objects.get()
    assert post.poll_text == "Red\nGreen"
    actions.publish_post(post=post)
    guest = client_page(client, post, None)
    assert "Sign in to vote" in guest
    page = client_page(client, post, bob)
    assert f'action="/posts/{post.pk}/vote"' in page
    response = client.post(
        f"/posts/{post.pk}/vote", {"choices": ["1"]}, HTTP_REFERER=f"http://testserver{post.path}"
    )
    assert response.status_code == 302
    assert response["Location"] == f"{post.path}#post-{post.pk}"
    page = client_page(client, post, bob)
    assert "Your choice" in page
    assert "100%" in page
    assert client.post(f"/posts/{post.pk}/vote", {}, headers={"HX-Request": "true"}).status_code == 422
    fragment = client.get(f"/posts/{post.pk}/poll", headers={"HX-Request": "true"}).content.decode()
    assert fragment.count("poll-result") == 2
    assert client.get(f"/posts/{post.pk}/poll").status_code == 302


def client_page(client, post, viewer):
    client.logout()
    if viewer:
        client.force_login(viewer)
    return client.get(the(post).path).content.decode()
