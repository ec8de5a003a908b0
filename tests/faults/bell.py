"""A process to kill while it emits an event, whose subscriber increments a counter and so shows if it runs twice.

Run as `python -m tests.faults.bell STEP`, with DATABASE_URL in the environment:
ring            commit, deliver and exit normally
die-at-commit   die after the commit, before the job is sent
die-in-effect   die inside the subscriber, before its write is committed
die-after       die after the subscriber's commit, before the event is marked as delivered
recover         run the relay, as at the next start
count           print how many events the subscriber has handled, and how many are waiting
"""

import os
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Member  # noqa: E402
from core import db, events  # noqa: E402
from core.events import Event, emit  # noqa: E402
from core.models import OutboxEvent  # noqa: E402
from core.tasks import relay  # noqa: E402


@dataclass(frozen=True, kw_only=True)
class BellRung(Event):
    member_id: int


STEP = sys.argv[1] if len(sys.argv) > 1 else ""
SUBSCRIPTIONS = {BellRung: [f"{__name__}.hear"]}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hear(event: BellRung) -> None:
    Member.objects.filter(pk=event.member_id).update(posts_count=F("posts_count") + 1)
    if STEP == "die-in-effect":
        die()


def main() -> None:
    settings.SUBSCRIPTIONS = f"{__name__}.SUBSCRIPTIONS"
    if STEP == "die-after":
        # The only commit before the event is marked as delivered is that of the subscriber.
        real = db.insert_once

        def insert_and_die_at_commit(row: object) -> bool:
            transaction.on_commit(die)
            return real(row)  # type: ignore[arg-type]

        vars(events)["insert_once"] = insert_and_die_at_commit
    match STEP:
        case "ring" | "die-at-commit" | "die-in-effect" | "die-after":
            member = Member.objects.filter(username="ringer").first() or Member.objects.create_user("ringer")
            with transaction.atomic():
                if STEP == "die-at-commit":
                    transaction.on_commit(die)
                emit(BellRung(member_id=member.id))
        case "recover":
            OutboxEvent.objects.waiting().update(due_at=timezone.now() - timedelta(seconds=1))
            relay.delay()
        case "count":
            heard = Member.objects.get(username="ringer").posts_count
            print(heard, OutboxEvent.objects.waiting().count())


if __name__ == "__main__":
    main()
