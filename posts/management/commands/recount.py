from typing import Any

from django.core.management.base import BaseCommand

from posts.actions import recount_posts
from social.actions import recount_follows


class Command(BaseCommand):
    help = "Compare every stored counter with the rows it counts, and set right those that have drifted."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, wrong in (
            ("likes, replies, bookmarks, posts", recount_posts()),
            ("follows", recount_follows()),
        ):
            self.stdout.write(
                f"{what}: {wrong} {'was' if wrong == 1 else 'were'} wrong" if wrong else f"{what}: right"
            )
