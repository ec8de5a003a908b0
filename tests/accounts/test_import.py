"""Exporting and importing lists as CSV, row by row, through the same actions as the buttons."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from accounts import actions
from accounts.actions import choose_language
from accounts.actions.transfers import LEASE, _of_open_accounts, looks_like, parse
from accounts.models import Block, DataImport, DataImportRow, Member
from accounts.tasks import run_import, run_waiting_imports
from accounts.transfers import escape_formulas, row_noun, transfer_of, unescape_formulas
from core.refusals import Conflict, Invalid, NotFound
from posts.actions import bookmark_post
from posts.models import Bookmark, Post
from social.actions import block_member, follow_member, mute_member, set_private
from social.models import Follow, FollowRequest, Mute
from tests.accounts.conftest import sign_in
from tests.factories import make_member, make_post

Deliver = Callable[[], None]
HOST = "127.0.0.1:8000"


def bring(member: Member, kind: str, text: str | bytes) -> dict[str, tuple[str, str]]:
    """Import a list, and return value → (outcome, note)."""
    content = text if isinstance(text, bytes) else text.encode()
    run = actions.request_import(by=member, kind=kind, content=content)
    assert actions.run_import(import_id=run.pk)
    run.refresh_from_db()
    assert run.state == DataImport.State.DONE
    return {row.given: (row.outcome, row.note) for row in run.rows.order_by("number")}


def client_of(member: Member) -> Client:
    client = Client()
    sign_in(client, member.username)
    return client


# --- Rows --------------------------------------------------------------------------------------------------


def test_each_row_has_an_outcome(alice: Member, bob: Member, carol: Member) -> None:
    follow_member(member=carol, by=alice)
    eve, dora = make_member("eve"), make_member("dora", is_private=True)
    block_member(member=alice, by=eve)
    text = f"""Account address,Show boosts,Notify on new posts,Languages
bob@{HOST},true,false,
@carol,true,false,
dora,true,false,
eve,true,false,
nobody_here,true,false,
bob@elsewhere.example,true,false,
alice,true,false,
not a name,true,false,
"""
    assert bring(alice, "follows", text) == {
        f"bob@{HOST}": ("done", ""),
        "@carol": ("there", ""),
        "dora": ("done", "This account is private. We’ve sent a follow request."),
        "eve": ("missing", "There’s no account with this name here."),
        "nobody_here": ("missing", "There’s no account with this name here."),
        "bob@elsewhere.example": ("missing", "On another site."),
        "alice": ("refused", "You can’t follow yourself."),
        "not a name": ("missing", "This isn’t a username."),
    }
    assert Follow.objects.filter(follower=alice, followee=bob).exists()
    assert FollowRequest.objects.filter(requester=alice, member=dora).exists()
    bob.refresh_from_db()
    assert bob.followers_count == 1


def test_notes_are_in_the_owners_language(alice: Member) -> None:
    choose_language(by=alice, language="de")
    run = actions.request_import(by=alice, kind="follows", content=b"nobody_here\nalice\n")
    run_import(run.pk)
    assert list(run.rows.order_by("number").values_list("note", flat=True)) == [
        "Hier gibt es kein Konto mit diesem Namen.",
        "Du kannst dir nicht selbst folgen.",
    ]
    client = client_of(alice)
    page = client.get(f"/settings/data/imports/{run.pk}").content.decode()
    assert "Alle 2 Zeilen sind fertig." in page
    assert "Nicht gefunden" in page
    file = client.get(f"/settings/data/imports/{run.pk}/file").content.decode()
    assert file.splitlines()[0] == '"Zeile","Angabe","Ergebnis","Hinweis"'


def test_one_row_is_singular_in_english(alice: Member) -> None:
    run = actions.request_import(by=alice, kind="follows", content=b"nobody_here\n")
    client, address = client_of(alice), f"/settings/data/imports/{run.pk}"
    assert "0 of 1 row done." in client.get(address).content.decode()
    run_import(run.pk)
    assert "The row is done." in client.get(address).content.decode()


def test_one_row_is_singular(alice: Member) -> None:
    choose_language(by=alice, language="de")
    run = actions.request_import(by=alice, kind="follows", content=b"nobody_here\n")
    run_import(run.pk)
    client = client_of(alice)
    assert "1 Zeile ist fertig." in client.get(f"/settings/data/imports/{run.pk}").content.decode()
    assert "1 Zeile ·" in client.get("/settings/data").content.decode()


def test_numbers_of_rows_are_formatted_for_the_language(alice: Member) -> None:
    content = "".join(f"name{n}\n" for n in range(10_001)).encode()
    for language, sentence in {
        "en": "A list can have up to 10,000 rows. This one has 10,001.",
        "de": "Eine Liste kann höchstens 10.000 Zeilen haben. Diese hat 10.001.",
    }.items():
        with translation.override(language), pytest.raises(Invalid) as refused:
            parse(content, transfer_of("follows"))
        assert refused.value.message == sentence


def test_importing_is_idempotent(alice: Member, bob: Member, carol: Member) -> None:
    post = make_post(carol)
    lists = {"follows": "bob", "mutes": "carol", "bookmarks": f"/posts/{post.id}", "blocks": "bob"}
    for kind, text in lists.items():
        assert [outcome for outcome, _ in bring(alice, kind, text).values()] == ["done"], kind
    for kind, text in lists.items():
        if kind != "follows":
            assert [outcome for outcome, _ in bring(alice, kind, text).values()] == ["there"], kind
    # Bob was blocked by the last import, so he can’t be followed.
    assert bring(alice, "follows", "bob") == {"bob": ("missing", "There’s no account with this name here.")}
    counts = [model.objects.count() for model in (Block, Mute, Bookmark)]
    assert counts == [1, 1, 1]


def test_importing_keeps_the_notification_setting_of_a_mute(
    alice: Member, bob: Member, carol: Member
) -> None:
    bring(alice, "mutes", "Account address,Hide notifications\nbob,false\ncarol,true\n")
    assert dict(Mute.objects.values_list("muted__username", "with_notifications")) == {
        "bob": False,
        "carol": True,
    }


def test_bookmarks_are_imported_by_url(alice: Member, bob: Member) -> None:
    shown, hidden = make_post(bob), make_post(make_member("dora", is_private=True))
    text = f"""#uri
http://{HOST}/@bob/{shown.id}
http://{HOST}/@dora/{hidden.id}
http://elsewhere.example/@bob/{shown.id}
http://{HOST}/about
http://[broken
http://{HOST}/@bob/99999999999999999999
"""
    assert [outcome for outcome, _ in bring(alice, "bookmarks", text).values()] == ["done"] + ["missing"] * 5
    assert list(Bookmark.objects.values_list("post_id", flat=True)) == [shown.id]


# --- Round trips -------------------------------------------------------------------------------------------


def test_an_exported_list_can_be_imported(alice: Member, bob: Member, carol: Member) -> None:
    post = make_post(bob)
    dora, eve = make_member("dora"), make_member("eve")
    for member in (bob, carol):
        follow_member(member=member, by=alice)
    block_member(member=dora, by=alice)
    mute_member(member=eve, by=alice, with_notifications=False)
    bookmark_post(post=post, by=alice)
    client = client_of(alice)
    files = {}
    for kind in DataImport.Kind.values:
        answer = client.get(f"/settings/data/{kind}.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        assert client.get(f"/api/data/{kind}.csv").content == answer.content
        files[kind] = answer.content
    assert files["follows"].decode().splitlines()[:2] == [
        '"Account address","Show boosts","Notify on new posts","Languages"',
        f'"bob@{HOST}","true","false",""',
    ]
    zoe = make_member("zoe")
    for kind, content in files.items():
        assert {outcome for outcome, _ in bring(zoe, kind, content).values()} == {"done"}
    assert set(Follow.objects.by(zoe).values_list("followee__username", flat=True)) == {"bob", "carol"}
    assert Block.objects.filter(blocker=zoe, blocked=dora).exists()
    assert Mute.objects.filter(muter=zoe, muted=eve, with_notifications=False).exists()
    assert Bookmark.objects.filter(member=zoe, post=post).exists()


@pytest.mark.parametrize(
    ("cell", "guarded_cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        (" =1", "' =1"),
        ("'=1", "''=1"),
        ("a;=1+1", "a;'=1+1"),
        ("a; =1+1;b,@c|－1", "a;' =1+1;b,'@c|'－1"),
        ("a\n=1", "a\n'=1"),
        ("a;'=1", "a;''=1"),
        ("' =1", "'' =1"),
        ("bob@here", "bob@here"),
        ("http://here/@bob/1?a=b;c=d", "http://here/@bob/1?a=b;c=d"),
        ("it's 1+1=2", "it's 1+1=2"),
        ("", ""),
    ],
)
def test_no_part_of_an_exported_cell_is_a_formula(cell: str, guarded_cell: str) -> None:
    assert escape_formulas(cell) == guarded_cell
    assert unescape_formulas(guarded_cell) == cell


@given(st.text(alphabet="a=＝;, \t\r\n'|-@", max_size=12))
def test_escaping_formulas_is_reversible(cell: str) -> None:
    assert unescape_formulas(escape_formulas(cell)) == cell
    parts = re.split(r"[;,|\t\r\n]", escape_formulas(cell))
    assert not [part for part in parts if part.lstrip().startswith(("=", "＝", "-", "@"))]


@pytest.mark.parametrize(
    "cell", ["\t" * 100_000, " " * 100_000, ";" * 100_000, "'" * 100_000, "\t " * 50_000]
)
def test_escaping_takes_linear_time(cell: str) -> None:
    begun = time.process_time()
    assert unescape_formulas(escape_formulas(cell)) == cell
    assert time.process_time() - begun < 2


def test_exported_outcomes_contain_no_formulas(alice: Member) -> None:
    run = actions.request_import(
        by=alice, kind="follows", content="bob\n=HYPERLINK(1)\n@carol\n＝1;=2\n".encode()
    )
    actions.run_import(import_id=run.pk)
    file = client_of(alice).get(f"/settings/data/imports/{run.pk}/file").content.decode()
    rows = list(csv.reader(io.StringIO(file)))
    assert [row[1] for row in rows] == ["Given", "bob", "'=HYPERLINK(1)", "'@carol", "'＝1;'=2"]
    assert all(cell.startswith('"') for cell in file.splitlines()[1].split(","))


# --- The wrong kind of list --------------------------------------------------------------------------------

FOLLOWS_OF_MASTODON = (
    b"Account address,Show boosts,Notify on new posts,Languages\nbob,true,false,\ncarol,true,false,\n"
)
OTHER_LISTS = [
    ("blocks", FOLLOWS_OF_MASTODON, "", "follows"),
    ("blocks", b"Account address,Show boosts\nbob,true\n", "", "follows"),
    ("mutes", "\ufeffaccount address;SHOW BOOSTS\nbob;true\n".encode(), "", "follows"),
    ("follows", b"Account address,Hide notifications\nbob,true\n", "", "mutes"),
    ("follows", b"List name,Account address\nFriends,bob\n", "", "lists"),
    ("follows", b"Account address\nbob\n", "blocks.csv", "blocks"),
    ("follows", b"bob@here\n", "blocked_accounts (2).csv", "blocks"),
    ("blocks", b"bob\n", "following_accounts.csv", "follows"),
    ("blocks", b"bob\n", "Mutes-1.CSV", "mutes"),
    ("blocks", b"Account address,Hide notifications\nbob,true\n", "blocks.csv", "mutes"),
]
NOTHING_ELSE = [
    ("follows", FOLLOWS_OF_MASTODON, "blocks.csv"),
    ("blocks", b"Account address\nbob\n", ""),
    ("blocks", b"Account address\nbob\n", "blocked_accounts.csv"),
    ("blocks", b"bob\ncarol\n", "people I do not like.csv"),
    ("mutes", b"mutes\nbob\n", "list.txt"),
    ("follows", b"Name;Since\nbob;2020\n", "follows.csv"),
]


@pytest.mark.parametrize(("kind", "content", "file_name", "found"), OTHER_LISTS)
def test_a_list_of_another_kind_needs_confirmation(
    alice: Member, bob: Member, kind: str, content: bytes, file_name: str, found: str
) -> None:
    assert looks_like(content, file_name) == found
    with pytest.raises(Conflict) as refusal:
        actions.request_import(by=alice, kind=kind, content=content, file_name=file_name)
    assert refusal.value.code == "other_list"
    assert f"looks like a list of {row_noun(found)}" in refusal.value.message
    assert not DataImport.objects.exists()
    run = actions.request_import(by=alice, kind=kind, content=content, file_name=file_name, confirmed=True)
    assert (run.state, run.kind, run.looks_like) == (DataImport.State.WAITING, kind, "")


@pytest.mark.parametrize(("kind", "content", "file_name"), NOTHING_ELSE)
def test_a_list_of_the_right_or_unknown_kind_is_imported(
    alice: Member, kind: str, content: bytes, file_name: str
) -> None:
    assert looks_like(content, file_name) in ("", kind)
    run = actions.request_import(by=alice, kind=kind, content=content, file_name=file_name)
    assert run.state == DataImport.State.WAITING


@pytest.mark.parametrize("kind", DataImport.Kind.values)
def test_an_exported_file_is_recognized_by_its_columns_or_name(alice: Member, kind: str) -> None:
    assert looks_like(client_of(alice).get(f"/settings/data/{kind}.csv").content, f"{kind}.csv") == kind


def test_the_page_asks_before_blocking_a_list_of_follows(alice: Member, bob: Member, carol: Member) -> None:
    client = client_of(alice)

    def bring_follows() -> str:
        answer = client.post(
            "/settings/data/imports",
            {"kind": "blocks", "file": SimpleUploadedFile("list.csv", FOLLOWS_OF_MASTODON)},
        )
        return str(answer.headers["Location"])

    address = bring_follows()
    page = client.get(address).content.decode()
    assert "This looks like a list of accounts you follow." in page
    assert "Importing it blocks everyone in it. It has 2 rows." in page
    assert "Needs confirmation" in client.get("/settings/data").content.decode()
    assert actions.waiting_imports() == []
    assert not actions.run_import(import_id=DataImport.objects.get().pk)
    assert not Block.objects.exists()

    # Uploading the file again replaces the unconfirmed import.
    address = bring_follows()
    assert DataImport.objects.count() == 1
    assert client.post(f"{address}/drop").headers["Location"] == "/settings/data"
    assert not DataImport.objects.exists()
    assert client.post(f"{address}/confirm").status_code == 404

    address = bring_follows()
    for _twice in range(2):
        assert client.post(f"{address}/confirm").headers["Location"] == address
        assert set(Block.objects.values_list("blocked__username", flat=True)) == {"bob", "carol"}
    assert client.post(f"{address}/drop").headers["Location"] == "/settings/data"
    assert DataImport.objects.get().state == DataImport.State.DONE


def test_imports_of_others_cannot_be_confirmed(alice: Member, bob: Member) -> None:
    run = actions.request_import(by=alice, kind="blocks", content=FOLLOWS_OF_MASTODON, ask=True)
    assert client_of(bob).post(f"/settings/data/imports/{run.pk}/confirm").status_code == 404
    assert client_of(bob).post(f"/settings/data/imports/{run.pk}/drop").status_code == 404
    assert DataImport.objects.get().state == DataImport.State.ASKING


def test_an_unconfirmed_import_does_not_block_another(alice: Member) -> None:
    actions.request_import(by=alice, kind="blocks", content=FOLLOWS_OF_MASTODON, ask=True)
    run = actions.request_import(by=alice, kind="follows", content=b"bob")
    assert DataImport.objects.get() == run


def test_an_unconfirmed_import_is_deleted_after_a_day(alice: Member) -> None:
    run = actions.request_import(by=alice, kind="blocks", content=FOLLOWS_OF_MASTODON, ask=True)
    assert actions.forget_imports() == 0
    DataImport.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=2))
    assert actions.forget_imports() == 1


def test_an_app_confirms_with_a_parameter(alice: Member, bob: Member) -> None:
    client = client_of(alice)

    def send(query: str = "", **form: Any) -> Any:
        if form:
            file = SimpleUploadedFile("follows.csv", b"bob\n")
            return client.post(f"/api/data/blocks.csv{query}", {"file": file, **form})
        return client.post(f"/api/data/blocks.csv{query}", FOLLOWS_OF_MASTODON, content_type="text/csv")

    for refused in (send(), send("?confirm=false"), send(confirm="false")):
        assert (refused.status_code, refused.json()["error"]) == (409, "other_list")
        assert "accounts you follow" in refused.json()["message"]
    assert send("?confirm=perhaps").status_code == 422
    assert send("?confirm=true").status_code == 202
    actions.run_import(import_id=DataImport.objects.latest("id").pk)
    assert send(confirm="true").status_code == 202


# --- Refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\n \n\r\n", "This file is empty."),
        (b"Account address\n", "This file has a header row but no data."),
        (b"\xff\xfe\x00", "isn’t UTF-8 text"),
        (b"caf\xe9\n", "isn’t UTF-8 text"),
        (b"bob\0\n", "This isn’t a text file."),
        (b"PK\x03\x04\x00\x00", "This isn’t a text file."),
        (b"x" * 1_000_001, "up to 1 MB"),
        ("\n".join(f"member_{n}" for n in range(10_001)).encode(), "up to 10,000 rows. This one has 10,001."),
        (b"one two three,four\nfive six,seven\n", "The first column has no usable values"),
        (b'"' + b"x" * 200_000, "This file isn’t valid CSV"),
    ],
)
def test_an_unusable_file_is_refused_with_a_message(db: None, content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(content, transfer_of("follows"))
    assert sentence in refusal.value.message


@pytest.mark.parametrize(
    "content",
    [
        b"bob\r\ncarol",
        b"\xef\xbb\xbfAccount address,Show boosts\nbob,true\n\ncarol,true\n",
        "Account address\nbob\ncarol\n".encode("utf-16"),
        b"Name;Since\nbob;2020\ncarol;2021\n",
        b"Since,Username\n2020,bob\n2021,carol\n2022,bob\n",
        b" bob , x \n carol , y \n",
        b"'@bob\n@carol",
    ],
)
def test_many_file_formats_are_accepted(db: None, content: bytes) -> None:
    assert [given.lstrip("@") for given, _ in parse(content, transfer_of("follows"))] == ["bob", "carol"]


def test_an_unknown_kind_is_404(alice: Member) -> None:
    with pytest.raises(NotFound):
        actions.request_import(by=alice, kind="likes", content=b"bob")
    client = client_of(alice)
    assert client.get("/settings/data/likes.csv").status_code == 404
    assert client.post("/api/data/likes.csv", b"bob", content_type="text/csv").status_code == 404


def test_one_import_at_a_time(alice: Member) -> None:
    actions.request_import(by=alice, kind="follows", content=b"bob")
    with pytest.raises(Conflict):
        actions.request_import(by=alice, kind="mutes", content=b"bob")


# --- Running -----------------------------------------------------------------------------------------------


def test_an_interrupted_import_continues(
    alice: Member, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    names = [make_member().username for _ in range(5)]
    run = actions.request_import(by=alice, kind="follows", content="\n".join(names).encode())
    from social import transfers

    seen: list[str] = []

    def dies_at_the_third(*, member: Member, by: Member) -> bool:
        seen.append(member.username)
        changed = follow_member(member=member, by=by)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return changed

    with monkeypatch.context() as patched:
        patched.setattr(transfers, "follow_member", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            actions.run_import(import_id=run.pk)
    # The third follow was rolled back with its outcome.
    assert Follow.objects.by(alice).count() == 2
    assert DataImportRow.objects.filter(outcome="done").count() == 2
    assert actions.waiting_imports() == []
    DataImport.objects.update(due_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        run_waiting_imports()
    assert Follow.objects.by(alice).count() == 5
    assert set(run.rows.values_list("outcome", flat=True)) == {"done"}
    alice.refresh_from_db()
    assert alice.following_count == 5


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_jobs_claims_an_import() -> None:
    run = DataImport.objects.create(member=make_member("alice"), kind="follows")

    def claimed() -> int:
        try:
            return _of_open_accounts().filter(pk=run.pk).claim(LEASE)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            # Both find the row due and wait for its lock, if the database has row locks.
            DataImport.objects.filter(pk=run.pk).update(total=F("total"))
            claims = [pool.submit(claimed) for _ in range(2)]
            time.sleep(0.3)
        assert sorted(each.result() for each in claims) == [0, 1]


def test_imports_of_closed_accounts_stop(alice: Member, bob: Member) -> None:
    run = actions.request_import(by=alice, kind="follows", content=b"bob")
    actions.request_deletion(member=alice, by=alice)
    assert actions.waiting_imports() == []
    assert not actions.run_import(import_id=run.pk)
    assert not Follow.objects.exists()


def test_an_import_is_deleted_after_a_month(alice: Member) -> None:
    bring(alice, "follows", "bob")
    assert actions.forget_imports() == 0
    DataImport.objects.update(created_at=timezone.now() - timedelta(days=30, seconds=1))
    assert actions.forget_imports() == 1
    assert not DataImportRow.objects.exists()


# --- Pages and API -----------------------------------------------------------------------------------------


def test_a_short_list_is_imported_in_the_request(alice: Member, bob: Member) -> None:
    client = client_of(alice)
    file = SimpleUploadedFile("follows.csv", b"bob\n<script>alert(1)</script>\n")
    answer = client.post("/settings/data/imports", {"kind": "follows", "file": file})
    page = client.get(answer.headers["Location"]).content.decode()
    assert "All 2 rows are done" in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "bob" in client.get(answer.headers["Location"] + "?only=done").content.decode()
    assert client.get(answer.headers["Location"] + "?only=nonsense").status_code == 404
    assert answer.headers["Location"] in client.get("/settings/data").content.decode()


def test_a_long_list_is_imported_in_the_background_and_paged(
    alice: Member, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of(alice)
    content = "\n".join(f"nobody_{n}" for n in range(120)).encode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            "/settings/data/imports", {"kind": "follows", "file": SimpleUploadedFile("x.csv", content)}
        )
        where = answer.headers["Location"]
        assert "0 of 120 rows done" in client.get(where).content.decode()
    page = client.get(where).content.decode()
    assert "All 120 rows are done" in page
    assert "nobody_49" in page
    assert "nobody_50" not in page
    more = page.split('id="more-rows"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    part = client.get(more, headers={"HX-Request": "true"}).content.decode()
    assert "nobody_50" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"kind": "follows"}, "Choose a file first."),
        ({"kind": "none", "file": b"bob"}, "Choose what the file contains."),
        ({"kind": "follows", "file": b"\xff\xfe\x00"}, "isn’t UTF-8 text"),
    ],
)
def test_the_page_shows_what_is_wrong(alice: Member, sent: dict[str, Any], sentence: str) -> None:
    client = client_of(alice)
    if "file" in sent:
        sent = {**sent, "file": SimpleUploadedFile("x.csv", sent["file"])}
    answer = client.post("/settings/data/imports", sent, follow=True)
    assert sentence in answer.content.decode()
    assert not DataImport.objects.exists()


def test_an_app_sends_a_list_as_the_body_or_in_a_form(
    alice: Member, bob: Member, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/api/data/follows.csv", b"bob\nnobody\n", content_type="text/csv")
    assert answer.status_code == 202
    run = client.get(f"/api/imports/{answer.json()['id']}").json()
    assert (run["state"], run["outcomes"]["done"], run["outcomes"]["missing"]) == ("done", 1, 1)
    rows = client.get(f"/api/imports/{run['id']}/rows?limit=1").json()
    assert rows["items"] == [{"number": 1, "given": "bob", "outcome": "done", "note": ""}]
    assert rows["next"]
    assert b"Not found" in client.get(f"/api/imports/{run['id']}/file").content
    assert client.get("/api/imports").json()["items"][0]["id"] == run["id"]
    file = SimpleUploadedFile("x.csv", b"bob")
    assert client.post("/api/data/mutes.csv", {"file": file}).status_code == 202
    assert client.post("/api/data/mutes.csv", {}).status_code == 422
    assert Client().post("/api/data/mutes.csv", b"bob", content_type="text/csv").status_code == 401
    assert Post.objects.count() == 0


def test_only_the_owner_sees_an_import(alice: Member, bob: Member) -> None:
    bring(alice, "follows", "bob")
    run = DataImport.objects.get()
    other = client_of(bob)
    for address in (
        f"/settings/data/imports/{run.pk}",
        f"/settings/data/imports/{run.pk}/file",
        f"/api/imports/{run.pk}",
        f"/api/imports/{run.pk}/rows",
        f"/api/imports/{run.pk}/file",
    ):
        assert other.get(address).status_code == 404
        assert Client().get(address).status_code in (302, 401)


def test_an_exported_list_leaves_out_hidden_members(alice: Member, bob: Member) -> None:
    follow_member(member=bob, by=alice)
    bookmark_post(post=make_post(bob), by=alice)
    set_private(by=bob, private=True)
    block_member(member=alice, by=bob)
    client = client_of(alice)
    for kind in ("follows", "bookmarks"):
        assert b"bob" not in client.get(f"/settings/data/{kind}.csv").content
