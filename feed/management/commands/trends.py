from typing import Any

from django.core.management.base import BaseCommand

from feed.actions.trends import compute_trends
from feed.models import Trend
from feed.queries.trending import trending_tags


class Command(BaseCommand):
    help = "Compute the trends now and print them."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = compute_trends()
        names = {tag.name: tag for tag in trending_tags(limit=len(rows) or 1)}
        for tag in names.values():
            self.stdout.write(f"#{tag.tag}: {tag.people} people")
        posts = sum(row.kind == Trend.Kind.POST for row in rows)
        self.stdout.write(f"{len(rows) - posts} hashtags and {posts} posts are trending.")
