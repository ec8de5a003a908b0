import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Member
from demo.build import ADMIN, MEMBER, PASSWORD, DemoBuilder


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
            self._build(**options)
        self._print_accounts()

    def _build(self, *, members: int, posts: int, corpus: Path | None, seed: int, **options: Any) -> None:
        if not 5 <= members <= 1000 or not 0 <= posts <= 200_000:
            raise CommandError("--members must be from 5 to 1000, --posts up to 200000.")
        if corpus is not None and not corpus.is_file():
            raise CommandError(f"File not found: {corpus}")
        if _is_production() and not options["even_in_production"]:
            raise CommandError(
                "The password of the demo members is public. Add --even-in-production to create them anyway."
            )
        begun = time.monotonic()
        builder = DemoBuilder(member_count=members, seed=seed, progress=self._show)
        count = builder.build(post_count=posts, corpus=corpus)
        done = f"Demo community: {members} members, {count} posts in {time.monotonic() - begun:.0f} s."
        self.stdout.write(("\r\x1b[K" if sys.stdout.isatty() else "") + done)

    def _print_accounts(self) -> None:
        if Member.objects.filter(username__in=[MEMBER, ADMIN]).count() == 2:
            self.stdout.write(f"Sign in as a member: {MEMBER} / {PASSWORD}")
            self.stdout.write(f"Sign in as an admin: {ADMIN} / {PASSWORD}  (moderation and /admin/)")

    def _show(self, step: str, done: int, total: int) -> None:
        text = f"Creating the demo community: {step}" + (f" {done} of {total}" if total else " …")
        if sys.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{text}", ending="")
        elif done in (0, total):
            self.stdout.write(text)
        self.stdout.flush()


def _is_production() -> bool:
    return str(settings.SETTINGS_MODULE).endswith("production")
