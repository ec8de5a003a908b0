import random
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import import_interests, import_member
from accounts.models import Member
from accounts.queries import topics
from core.events import deliver_pending
from core.ids import id_at
from core.refusals import Invalid, NotFound
from demo import script
from demo.portraits import landscape, portrait
from feed.actions.suggestions import compute_suggestions_for
from feed.actions.tracking import import_views
from media.actions import change_avatar, change_cover
from messaging.actions import send_message
from moderation.actions import report_post
from posts.actions import (
    ImportedPost,
    follow_tag,
    import_likes,
    import_posts,
    like_post,
    recount_posts,
    write_post,
)
from posts.models import Post
from social.actions import (
    block_member,
    follow_member,
    import_follows,
    mute_member,
    mute_words,
    recount_follows,
    set_private,
    unfollow_member,
)
from social.actions.lists import add_to_list, make_list
from social.models import List

PASSWORD = "kith-demo"
MEMBER, ADMIN = "ana_d", "admin"


class Command(BaseCommand):
    help = "Create a demo community, the same one for the same seed; with --corpus, from the posts of a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=60)
        parser.add_argument("--posts", type=int, default=2200, help="How many posts to write, replies aside.")
        parser.add_argument(
            "--corpus", type=Path, metavar="FILE", help="Take the posts from FILE, one per line."
        )
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--even-in-production", action="store_true")
        parser.add_argument(
            "--accounts", action="store_true", help="Only print the accounts to sign in with."
        )

    def handle(self, *args: Any, accounts: bool, **options: Any) -> None:
        if not accounts:
            self._make(**options)
        self._print_accounts()

    def _make(self, *, members: int, posts: int, corpus: Path | None, seed: int, **options: Any) -> None:
        if not 5 <= members <= 1000 or not 0 <= posts <= 200_000:
            raise CommandError("--members must be from 5 to 1000, --posts up to 200000.")
        if corpus is not None and not corpus.is_file():
            raise CommandError(f"File not found: {corpus}")
        if _production() and not options["even_in_production"]:
            raise CommandError(
                "The demo has members whose password everybody knows. If that is meant: --even-in-production."
            )
        begun = time.monotonic()
        now, rng = timezone.now(), random.Random(seed)
        people = script.people(members, now=now, rng=rng)
        pairs = script.follows(people, rng=rng)
        circles = script.circles(people, pairs, rng=random.Random(seed))

        ids = self._members(people, circles)
        import_interests(
            (ids[i], topic) for i, person in enumerate(people) for topic in _interests_of(person)
        )
        self._step("follows")
        import_follows(
            (
                ids[a],
                ids[b],
                max(people[a].joined_at, people[b].joined_at) + timedelta(hours=rng.random() * 48),
            )
            for a, b in pairs
        )
        recount_follows()

        self._step("posts")
        if corpus is not None:
            lines = script.corpus_lines(corpus, people, now=now, rng=rng)
        else:
            lines = script.with_replies(
                script.lines(people, posts, now=now, rng=rng), people, now=now, rng=rng
            )
        script.add_reactions(lines, people, pairs, rng=rng)
        post_ids = self._posts(lines, ids)
        self._step("likes")
        seen: list[tuple[int, int, datetime]] = []
        liked: list[tuple[int, int, datetime]] = []
        for line, post_id in zip(lines, post_ids, strict=True):
            likers = set(line.likers)
            for viewer in line.viewers:
                at = line.at + timedelta(minutes=rng.expovariate(1 / 180))
                if at < now:
                    seen.append((ids[viewer], post_id, at))
                    if viewer in likers:
                        liked.append(
                            (post_id, ids[viewer], min(at + timedelta(seconds=rng.randint(2, 40)), now))
                        )
        import_views(seen)
        import_likes(liked)
        recount_posts()
        self._step("search index")
        call_command("reindex", stdout=StringIO())
        self._step("trends")
        call_command("trends", stdout=StringIO())
        self._step("what happened lately")
        self._lately(ids, circles)
        self._step("circles")
        self._circles(ids, circles)
        self._done(f"{len(people)} members, {len(lines)} posts in {time.monotonic() - begun:.0f} s.")

    def _members(self, people: list[script.Person], circles: script.Circles) -> list[int]:
        found: dict[str, int] = dict(Member.objects.values_list("username", "id"))
        for i, person in enumerate(people):
            self._step("members", i + 1, len(people))
            if person.username in found:
                continue
            member = import_member(
                username=person.username,
                joined_at=person.joined_at,
                password=PASSWORD if person.username == MEMBER else None,
                email=f"{person.username}@demo.example",
                display_name=person.display_name,
                bio=person.bio,
                location=person.location,
                is_verified=person.pull > 14,
                is_private=i in circles.private,
            )
            change_avatar(member=member, file=_upload(portrait(person.username)), by=member)
            change_cover(member=member, file=_upload(landscape(person.username)), by=member)
            found[person.username] = member.id
        if ADMIN not in found:
            admin = import_member(
                username=ADMIN,
                joined_at=timezone.now() - timedelta(days=700),
                password=PASSWORD,
                email="admin@demo.example",
                display_name="Kith team",
                bio="Runs this site and moderates it.",
                is_staff=True,
                is_superuser=True,
                is_moderator=True,
            )
            change_avatar(member=admin, file=_upload(portrait(ADMIN)), by=admin)
        return [found[person.username] for person in people]

    def _posts(self, lines: list[script.Line], ids: list[int]) -> list[int]:
        """Import the lines, oldest parents first; ids sort by time."""
        taken: set[int] = set()
        post_ids: list[int] = []
        roots: list[int | None] = []
        rows: list[ImportedPost] = []
        for line in lines:
            post_id = id_at(line.at)
            while post_id in taken:
                post_id += 1
            taken.add(post_id)
            parent = line.reply_to
            root = None if parent is None else (roots[parent] or post_ids[parent])
            post_ids.append(post_id)
            roots.append(root)
            rows.append(
                ImportedPost(
                    id=post_id,
                    author_id=ids[line.author],
                    text=line.text,
                    at=line.at,
                    in_reply_to_id=None if parent is None else post_ids[parent],
                    root_id=root,
                )
            )
        done = 0
        for chunk in script.chunks(rows, 2000):
            done += import_posts(chunk)
            self._step("posts", done, len(rows))
        return post_ids

    def _lately(self, ids: list[int], circles: script.Circles) -> None:
        """The last minutes, acted out: so the demo member finds notifications made the way real ones are."""
        me = Member.objects.get(username=MEMBER)
        own = list(Post.objects.visible_to(me).by_author(me).originals().newest_first()[:4])
        apart = {
            ids[0],
            *(ids[i] for i in circles.private),
            *(ids[i] for pair in circles.blocks for i in pair),
        }
        others = list(
            Member.objects.visible_to(me).exclude(pk__in=apart).exclude(username=ADMIN).order_by("-id")[:14]
        )
        if not me.is_private:
            self._to_the_member(me, others, own)
        if len(others) > 8:
            for other, texts in script.talks(others[3:6]):
                for mine, text in texts:
                    send_message(by=me if mine else other, to=other if mine else me, text=text)
            for author, reporter, text, rule, comment in script.trouble(others[6:]):
                # Of yesterday: a rude post is not the first thing that a visitor should read.
                at = timezone.now() - timedelta(hours=26)
                old = ImportedPost(id=id_at(at), author_id=author.id, text=text, at=at)
                import_posts([old])
                report_post(post=Post.objects.get(pk=old.id), by=reporter, rule=rule, comment=comment)
            recount_posts()
        keeper = Member.objects.get(username=ADMIN)
        for other in others:
            follow_member(member=other, by=keeper)
        deliver_pending()

    def _to_the_member(self, me: Member, others: list[Member], own: list[Post]) -> None:
        """While everybody can: in the end the account is private."""
        for i, other in enumerate(others):
            if own:
                like_post(post=own[i % len(own)], by=other)
        for other, text in zip(
            others, ["How did you do that?", "You made my day with this.", "Same here."], strict=False
        ):
            if own:
                write_post(by=other, text=f"@{me.username} {text}", in_reply_to=own[0])
        for other in others[:3]:
            unfollow_member(member=me, by=other)
            follow_member(member=me, by=other)

    def _circles(self, ids: list[int], circles: script.Circles) -> None:
        """Who waits before whose door, and what the demo member keeps for themselves. A second run adds nothing."""
        members = {member.pk: member for member in Member.objects.get_queryset().filter(pk__in=ids)}
        people = [members[i] for i in ids]
        me = people[0]
        set_private(by=me, private=True)
        for blocker, blocked in circles.blocks:
            block_member(member=people[blocked], by=people[blocker])
        for asks, whom in circles.asked:
            follow_member(member=people[whom], by=people[asks])
        for muter, muted in circles.mutes:
            mute_member(member=people[muted], by=people[muter])
        for word, act in circles.words:
            with suppress(Invalid):  # It is muted already.
                mute_words(by=me, text=word, act=act)
        for title, entries in circles.lists:
            list_ = List.objects.visible_to(me).filter(title=title).first() or make_list(by=me, title=title)
            for i in entries:
                add_to_list(list_=list_, member=people[i], by=me)
        for name in circles.tags:
            with suppress(NotFound):  # A small community may not have written of it.
                follow_tag(name=name, by=me)
        deliver_pending()
        for member in (me, Member.objects.get(username=ADMIN)):
            compute_suggestions_for(member=member)

    def _print_accounts(self) -> None:
        if Member.objects.filter(username__in=[MEMBER, ADMIN]).count() == 2:
            self.stdout.write(f"Sign in as a member: {MEMBER} / {PASSWORD}")
            self.stdout.write(f"Sign in as an admin: {ADMIN} / {PASSWORD}  (moderation and /admin/)")

    def _step(self, what: str, done: int = 0, of: int = 0) -> None:
        text = f"Creating the demo community: {what}" + (f" {done} of {of}" if of else " …")
        if sys.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{text}", ending="")
        elif done in (0, of):
            self.stdout.write(text)
        self.stdout.flush()

    def _done(self, text: str) -> None:
        self.stdout.write(("\r\x1b[K" if sys.stdout.isatty() else "") + f"Demo community: {text}")


def _interests_of(person: script.Person) -> list[str]:
    """The topics of the place that know the tags of what the person cares for."""
    tags = {topic["name"]: set(topic["tags"]) for topic in script.topics()}
    cared_for = set().union(*(tags[name] for name in person.interests))
    return [topic.key for topic in topics() if cared_for & set(topic.tags)]


def _production() -> bool:
    return str(settings.SETTINGS_MODULE).endswith("production")


def _upload(picture: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("picture.png", BytesIO(picture).getvalue(), "image/png")
