import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.leases import LeaseTaken
from search import actions
from search.engines import search_server
from search.engines.base import EngineDown
from search.kinds import KINDS

RETRY_SECONDS = 2.0
"""Seconds between two attempts to get the lease."""


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
        kinds = [kind for kind in KINDS if both or options[kind.name]]
        show = self._show if options["verbosity"] else None
        began = time.monotonic()
        self._with_lease(lambda: actions.rebuild_database(kinds=kinds, progress=show))
        actions.mark_renewed(kinds=kinds)
        if search_server() is not None:
            try:
                self._with_lease(lambda: actions.rebuild_server(kinds=kinds, progress=show))
                actions.push_pending()
            except actions.IncompleteIndex as fault:
                raise CommandError(f"{fault}. The old index stays in use.") from fault
            except EngineDown as fault:
                raise CommandError(
                    f"The search server doesn’t respond ({fault}). The database’s index is done and is used meanwhile."
                ) from fault
        if show:
            self.stdout.write(f"Done in {time.monotonic() - began:.1f} s.")

    def _with_lease(self, build: Callable[[], None]) -> None:
        """Rebuild as soon as no other process does: the running site, or another such command."""
        waiting = False
        while True:
            try:
                return build()
            except LeaseTaken as taken:
                if not waiting:
                    self.stdout.write(
                        f"Another rebuild began at {taken.taken_at:%H:%M:%S} UTC. Waiting until it’s done."
                    )
                waiting = True
                time.sleep(RETRY_SECONDS)

    def _show(self, what: str, done: int, total: int) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r{what}: {done:,} of {total:,}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done == total:
            self.stdout.write(f"{what}: {total:,}")
