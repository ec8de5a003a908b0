import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from notifications.actions import mark_all_seen, notify, withdraw
from notifications.models import Notification, NotificationKind
from notifications.queries import unseen_count
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
OF_NO_OR_ONE_ACTOR = {"decision", "report", "poll", "revote", "unsent"}


@pytest.fixture
def browser_of(client):
    def sign_in(member: Member):
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def liked(alice, bob) -> Notification:
    """Create a notification for Alice that Bob liked her post."""
    found = notify(member=alice, kind=NotificationKind.LIKE, by=bob, post=make_post(alice, "A fine morning"))
    assert found is not None
    return found


@pytest.fixture
def published(monkeypatch) -> list[tuple[str, dict[str, object]]]:
    """Return the list of published live messages, as (stream, message)."""
    sent: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr("core.streams.publish", lambda stream, fact: sent.append((stream, fact)))
    return sent


def text_of(response) -> str:
    return response.content.decode()


class TestThePage:
    def test_it_asks_visitors_to_sign_in(self, client, db):
        response = client.get("/notifications")
        assert response.status_code == 302
        assert response["Location"].endswith("?next=/notifications")

    def test_it_shows_actor_action_and_post(self, browser_of, alice, liked):
        page = text_of(browser_of(alice).get("/notifications"))
        assert "Bob</strong> liked your post" in page
        assert "A fine morning" in page
        assert f"/notifications/{liked.id}/open" in page
        assert "(unread)" in page
        assert "Mark all as read" in page
        assert "<title>Notifications" in page

    def test_it_groups_likes_of_one_post(self, browser_of, alice):
        post = make_post(alice)
        for name in ("Ana", "Ben", *"abcdefghijk"):
            notify(
                member=alice,
                kind=NotificationKind.LIKE,
                by=make_member(f"user_{name.lower()}", display_name=name),
                post=post,
            )
        page = text_of(browser_of(alice).get("/notifications"))
        assert (
            '<strong dir="auto">k</strong>, <strong dir="auto">j</strong> and 11 others liked your post'
            in page
        )

    @pytest.mark.parametrize(
        ("count", "words"), [(2, "</strong> and <strong"), (3, "</strong> and <strong"), (4, "and 2 others")]
    )
    def test_up_to_three_actors_are_named(self, browser_of, alice, count, words):
        post = make_post(alice)
        for _ in range(count):
            notify(member=alice, kind=NotificationKind.LIKE, by=make_member(), post=post)
        page = text_of(browser_of(alice).get("/notifications"))
        assert words in page
        assert "1 other" not in page

    def test_it_shows_that_two_follow_each_other(self, browser_of, alice, bob):
        from social.actions import follow_member

        follow_member(member=bob, by=alice)
        notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        assert "followed you back" in text_of(browser_of(alice).get("/notifications"))

    def test_an_empty_page_explains_itself(self, browser_of, alice):
        client = browser_of(alice)
        assert "Nothing here yet" in text_of(client.get("/notifications"))
        assert "No mentions yet" in text_of(client.get("/notifications?tab=mentions"))

    def test_names_and_posts_are_escaped(self, browser_of, alice):
        rude = make_member("rude", display_name="<img src=x onerror=alert(1)>")
        notify(
            member=alice,
            kind=NotificationKind.MENTION,
            by=rude,
            post=make_post(rude, "@alice <script>alert(1)</script>"),
        )
        page = text_of(browser_of(alice).get("/notifications"))
        assert "<img src=x" not in page
        assert "<script>alert" not in page

    def test_further_pages_are_fragments(self, browser_of, alice, bob):
        for number in range(25):
            notify(member=alice, kind=NotificationKind.LIKE, by=bob, post=make_post(alice, f"post {number}"))
        client = browser_of(alice)
        first = text_of(client.get("/notifications"))
        assert first.count('class="note-row"') == 20
        more = first.split('hx-get="')[1].split('"')[0]
        rest = text_of(client.get(more, headers=HTMX))
        assert rest.count('class="note-row"') == 5
        assert "<html" not in rest
        assert "You’ve reached the end" in rest
        whole = text_of(client.get(more))
        assert "<html" in whole

    def test_a_bad_cursor_is_refused_with_a_message(self, browser_of, alice):
        assert browser_of(alice).get("/notifications?cursor=nonsense").status_code == 422

    @pytest.mark.parametrize("mentions", [False, True])
    def test_it_takes_the_same_queries_for_few_and_many_notifications(self, browser_of, alice, mentions):
        client = browser_of(alice)

        def cost() -> int:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get("/notifications" + ("?tab=mentions" if mentions else "")).status_code == 200
            return len(queries)

        def add(count: int) -> None:
            for _ in range(count):
                someone = make_member()
                notify(member=alice, kind=NotificationKind.LIKE, by=someone, post=make_post(alice))
                notify(
                    member=alice, kind=NotificationKind.MENTION, by=someone, post=make_post(someone, "@alice")
                )
                notify(member=alice, kind=NotificationKind.FOLLOW, by=someone)

        client.get("/notifications")
        add(5)
        few = cost()
        add(45)
        assert cost() == few
        # Session, member, unread count, muted words, entries, actors, mutual follows; trends may add one.
        assert few <= 8


class TestInGerman:
    @pytest.mark.parametrize(
        ("count", "words"),
        [
            (1, "Mia 1 gefällt dein Beitrag"),
            (2, "Mia 2 und Mia 1 gefällt dein Beitrag"),
            (3, "Mia 3, Mia 2 und Mia 1 gefällt dein Beitrag"),
            (4, "Mia 4, Mia 3 und 2 weiteren Mitgliedern gefällt dein Beitrag"),
        ],
    )
    def test_one_sentence_says_who_did_what(self, browser_of, alice, count, words):
        post = make_post(alice)
        for number in range(1, count + 1):
            notify(
                member=alice,
                kind=NotificationKind.LIKE,
                by=make_member(display_name=f"Mia {number}"),
                post=post,
            )
        page = text_of(browser_of(alice).get("/notifications", headers={"accept-language": "de"}))
        assert words in page.replace('<strong dir="auto">', "").replace("</strong>", "")
        assert "Alle als gelesen markieren" in page
        assert "liked" not in page

    # Notifications of moderation have no actor: see tests/moderation/test_notifications.py.
    @pytest.mark.parametrize(
        "kind",
        [kind for kind in NotificationKind if kind.value not in OF_NO_OR_ONE_ACTOR],
    )
    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_every_kind_has_a_sentence_for_any_number(self, browser_of, alice, kind, count):
        post = (
            make_post(alice)
            if kind in (NotificationKind.LIKE, NotificationKind.REPLY, NotificationKind.MENTION)
            else None
        )
        for _ in range(count):
            told = notify(member=alice, kind=kind, by=make_member(), post=post)
        assert told is not None
        client = browser_of(alice)
        english = text_of(client.get(f"/notifications/{told.id}/line"))
        german = text_of(client.get(f"/notifications/{told.id}/line", headers={"accept-language": "de"}))
        assert english.count("<strong") == german.count("<strong") == (count if count < 4 else 2)
        assert english.split("</strong>")[-1] != german.split("</strong>")[-1]
        assert "%(" not in english + german

    def test_a_toast_is_in_the_members_language(self, browser_of, alice, liked):
        Member.objects.filter(pk=alice.pk).update(language="de")
        line = text_of(browser_of(alice).get(f"/notifications/{liked.id}/line"))
        assert "Bob</strong> gefällt dein Beitrag" in line


class TestOpening:
    def test_opening_marks_as_read_and_redirects_to_the_post(self, browser_of, alice, liked):
        response = browser_of(alice).get(f"/notifications/{liked.id}/open")
        assert response["Location"] == liked.post.get_absolute_url()
        assert unseen_count(alice) == 0

    def test_one_new_follower_leads_to_their_profile_and_several_to_the_list(
        self, browser_of, alice, bob, carol
    ):
        first = notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        assert first is not None
        client = browser_of(alice)
        assert client.get(f"/notifications/{first.id}/open")["Location"] == "/@bob"
        notify(member=alice, kind=NotificationKind.FOLLOW, by=carol)
        assert client.get(f"/notifications/{first.id}/open")["Location"] == "/@alice/followers"

    def test_withdrawn_hidden_and_others_notifications_are_404(self, browser_of, alice, bob, liked):
        for path in ("open", "row", "line"):
            assert browser_of(bob).get(f"/notifications/{liked.id}/{path}").status_code == 404
        assert browser_of(bob).post(f"/notifications/{liked.id}/read").status_code == 404
        Notification.objects.update(withdrawn_at="2026-01-01T00:00Z")
        client = browser_of(alice)
        for path in ("open", "row", "line"):
            assert client.get(f"/notifications/{liked.id}/{path}").status_code == 404
        assert client.get(f"/notifications/{'9' * 30}/open").status_code == 404
        assert unseen_count(bob) == 0


class TestReading:
    def test_the_form_marks_all_and_redirects_back(self, browser_of, alice, liked):
        response = browser_of(alice).post(
            "/notifications/read", headers={"Referer": "http://testserver/notifications"}
        )
        assert response["Location"] == "/notifications"
        assert unseen_count(alice) == 0

    def test_htmx_gets_the_new_list_and_count(self, browser_of, alice, liked):
        response = browser_of(alice).post("/notifications/read", headers=HTMX)
        assert "Mark all as read" not in text_of(response)
        assert "data-unread" not in text_of(response)
        assert response["HX-Trigger"] == '{"unread": {"count": 0}}'

    def test_one_entry_is_marked_as_read_and_rendered_again(self, browser_of, alice, bob, liked):
        notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        client = browser_of(alice)
        response = client.post(f"/notifications/{liked.id}/read", headers=HTMX)
        assert "data-unread" not in text_of(response)
        assert response["HX-Trigger"] == '{"unread": {"count": 1}}'
        assert client.post(f"/notifications/{liked.id}/read")["Location"] == "/notifications"

    def test_a_get_marks_nothing_as_read(self, browser_of, alice, liked):
        client = browser_of(alice)
        assert client.get("/notifications/read").status_code == 405
        assert client.get(f"/notifications/{liked.id}/read").status_code == 405
        assert unseen_count(alice) == 1

    @pytest.mark.parametrize("path", ["/notifications/read", "/notifications/1/read", "/notifications/seen"])
    def test_visitors_mark_nothing_as_read(self, client, db, path):
        assert client.post(path).status_code == 302
        assert client.post(path, headers=HTMX).status_code == 401


class TestTheBadge:
    def test_it_is_counted_once_where_it_is_shown(self, browser_of, alice, liked):
        client = browser_of(alice)
        with CaptureQueriesContext(connection) as queries:
            page = text_of(client.get("/bookmarks"))
        counted = [q for q in queries if "COUNT" in q["sql"] and "LIMIT 100" in q["sql"]]
        assert len(counted) == 1
        assert 'id="notifications-badge">1<' in page

    def test_it_is_not_counted_for_a_fragment(self, browser_of, alice, liked):
        client = browser_of(alice)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/notifications/{liked.id}/line", headers=HTMX)
        assert not [q for q in queries if "LIMIT 100" in q["sql"]]

    def test_it_stops_at_99(self, browser_of, alice, liked):
        group = liked.group
        for _ in range(100):
            Notification.objects.create(member=alice, kind="follow", actor=make_member(), group=group)
        page = text_of(browser_of(alice).get("/bookmarks"))
        assert 'id="notifications-badge">99+<' in page
        assert "<title>(99+)" in page

    @pytest.mark.parametrize("path", ["/notifications", "/notifications?tab=mentions"])
    def test_opening_the_page_clears_it_on_every_open_page(
        self, browser_of, alice, bob, carol, liked, path, published
    ):
        client = browser_of(alice)
        assert "(1) Bookmarks" in text_of(client.get("/bookmarks"))
        page = text_of(client.get(path))
        assert 'id="notifications-badge" hidden>' in page
        assert unseen_count(alice) == 0
        assert published[-1] == (f"member.{alice.pk}", {"type": "notification.counted", "unread": 0})
        # Opening it again publishes nothing.
        told = len(published)
        client.get(path)
        assert len(published) == told
        # The notifications are still unread.
        page = text_of(client.get("/notifications"))
        assert "data-unread" in page
        assert "Mark all as read" in page
        # Only new notifications count.
        assert notify(member=alice, kind=NotificationKind.FOLLOW, by=carol)
        assert unseen_count(alice) == 1

    def test_only_opening_the_page_clears_it(self, browser_of, alice, bob, liked):
        client = browser_of(alice)
        client.head("/notifications")
        client.get("/notifications?cursor=WzFd", headers=HTMX)
        browser_of(bob).get("/notifications")
        assert unseen_count(alice) == 1

    def test_an_open_page_reports_that_it_was_seen(self, browser_of, alice, liked):
        client = browser_of(alice)
        response = client.post("/notifications/seen", headers=HTMX)
        assert response.status_code == 204
        assert response["HX-Trigger"] == '{"unread": {"count": 0}}'
        assert client.post("/notifications/seen")["Location"] == "/notifications"
        assert unseen_count(alice) == 0
        assert client.get("/notifications/seen").status_code == 405

    def test_withdrawing_a_seen_notification_does_not_change_the_count(self, alice, bob, liked):
        mark_all_seen(by=alice)
        assert notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        withdraw(notification=liked)
        assert unseen_count(alice) == 1
