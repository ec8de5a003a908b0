import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.leases import LeaseTaken
from search import actions
from search.engines import search_server
from search.engines.base import EngineDown
from search.kinds import KINDS

log = logging.getLogger("kith.search")


class Command(BaseCommand):
    help = (
        "Compare the search index with the posts and members there are, the database's and that of the search server, "
        "report what is missing, surplus, stale or found by people who can’t see it, and fix it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Only report, and exit with status 1 if something is wrong.",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        self._fix = not check
        self._wrong: list[str] = []
        missing, surplus = actions.check_vocabulary(fix=self._fix)
        self._tell("words", f"{missing} missing, {surplus} surplus" if missing or surplus else "")
        for kind in KINDS:
            mismatches = actions.check_database(kind, fix=self._fix)
            self._tell(f"{kind.name} in the database", actions.describe_mismatches(mismatches))
        if search_server() is not None:
            self._check_server()
        if check and self._wrong:
            raise CommandError(
                f"Wrong: {'; '.join(self._wrong)}. `manage.py check_index` fixes it.", returncode=1
            )

    def _check_server(self) -> None:
        server = search_server()
        assert server is not None
        try:
            if not server.is_built():
                self._tell("search server", "no index")
                if self._fix:
                    actions.rebuild_server(unless_built=True)
                return
            for kind in KINDS:
                mismatches = actions.check_server(kind, fix=self._fix)
                self._tell(f"{kind.name} on the search server", actions.describe_mismatches(mismatches))
        except EngineDown as fault:
            raise CommandError(f"The search server doesn’t respond ({fault}).") from fault
        except LeaseTaken as taken:
            raise CommandError("A rebuild is running. Try again when it’s done.") from taken
        except actions.IncompleteIndex as fault:
            raise CommandError(str(fault)) from fault

    def _tell(self, what: str, wrong: str) -> None:
        self.stdout.write(f"{what}: {wrong or 'correct'}")
        if wrong:
            log.warning("%s %s: %s", "found" if not self._fix else "fixed", what, wrong)
            self._wrong.append(what)
