import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.leases import LeaseTaken
from search import actions
from search.engines import search_server
from search.engines.base import EngineDown
from search.models import Renewal

ASKED_EVERY = 2.0
"""Seconds between two tries to be the only builder."""


class Command(BaseCommand):
    help = (
        "Rebuild the search index from posts and members, while the old one stays in use: the "
        "database's, and that of the search server when ELASTICSEARCH_URL is set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--posts", action="store_true", help="Only posts.")
        parser.add_argument("--members", action="store_true", help="Only members.")

    def handle(self, *args: Any, **options: Any) -> None:
        both = options["posts"] == options["members"]
        kinds = {"posts": both or options["posts"], "members": both or options["members"]}
        show = self._show if options["verbosity"] else None
        began = time.monotonic()
        self._as_the_only_one(lambda: actions.rebuild_database(**kinds, progress=show))
        actions.note_renewed(kinds=[kind for kind in Renewal.Kind if kinds[kind]])
        if search_server() is not None:
            try:
                self._as_the_only_one(lambda: actions.rebuild_server(**kinds, progress=show))
                actions.push_pending()
            except actions.Incomplete as fault:
                raise CommandError(f"{fault}. The old index stays in use.") from fault
            except EngineDown as fault:
                raise CommandError(
                    f"The search server doesn’t respond ({fault}). The database’s index is done and is used meanwhile."
                ) from fault
        if show:
            self.stdout.write(f"Done in {time.monotonic() - began:.1f} s.")

    def _as_the_only_one(self, build: Callable[[], None]) -> None:
        """Build once nobody else does: a running site may be at it, or another of these commands."""
        told = False
        while True:
            try:
                return build()
            except LeaseTaken as taken:
                if not told:
                    self.stdout.write(
                        f"Another rebuild began at {taken.taken_at:%H:%M:%S} UTC. Waiting until it’s done."
                    )
                told = True
                time.sleep(ASKED_EVERY)

    def _show(self, what: str, done: int, total: int) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r{what}: {done:,} of {total:,}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done == total:
            self.stdout.write(f"{what}: {total:,}")
