import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import actions
from search.engines import search_server
from search.engines.base import EngineDown
from search.models import Renewal


class Command(BaseCommand):
    help = (
        "Make the search index anew from the posts and members there are, while the old one goes on answering: the "
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
        actions.rebuild_database(**kinds, progress=show)
        actions.note_renewed(kinds=[kind for kind in Renewal.Kind if kinds[kind]])
        if search_server() is not None:
            try:
                actions.rebuild_server(**kinds, progress=show)
                actions.push_pending()
            except EngineDown as fault:
                raise CommandError(
                    f"The search server does not answer ({fault}). The database's index is done and answers meanwhile."
                ) from fault
        if show:
            self.stdout.write(f"Done in {time.monotonic() - began:.1f} s.")

    def _show(self, what: str, done: int, total: int) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r{what}: {done:,} of {total:,}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done == total:
            self.stdout.write(f"{what}: {total:,}")
