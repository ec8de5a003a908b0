import logging
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from core.counters import Counter, drift_of, fix_counter

log = logging.getLogger("kith.counters")


class Command(BaseCommand):
    help = "Compare every stored counter with the rows it counts, say how far it has drifted, and fix it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Only report, and exit with status 1 if something has drifted.",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        counters: Sequence[Counter] = import_string(settings.COUNTERS)
        drifted = []
        for counter in counters:
            drift = drift_of(counter) if check else fix_counter(counter)
            self.stdout.write(str(drift))
            if drift:
                log.warning("%s %s", "found" if check else "fixed", drift)
                drifted.append(counter.name)
        if check and drifted:
            raise CommandError(
                f"Drifted: {', '.join(drifted)}. `manage.py recount` fixes them.", returncode=1
            )
