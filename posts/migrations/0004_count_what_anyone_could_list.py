"""Recount stored counters by the rule that they count what anyone could list (docs/counts.md).

Only closed and private accounts were counted differently, so only counters affected by them are recounted.
"""

from django.db import migrations
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

CHUNK = 1000


def count_anew(apps, schema_editor):
    Member, Follow = apps.get_model("accounts", "Member"), apps.get_model("social", "Follow")
    Post, Like, Bookmark = (apps.get_model("posts", name) for name in ("Post", "Like", "Bookmark"))
    closed = Member._base_manager.filter(is_active=False)
    replies = Post._base_manager.filter(state="published", in_reply_to__isnull=False)
    readable = replies.filter(author__is_active=True, author__is_private=False)
    for model, name, rows, by, changed in (
        (Member, "followers_count", Follow.objects.filter(follower__is_active=True), "followee",
         Follow.objects.filter(follower__in=closed).values_list("followee_id", flat=True)),
        (Member, "following_count", Follow.objects.filter(followee__is_active=True), "follower",
         Follow.objects.filter(followee__in=closed).values_list("follower_id", flat=True)),
        (Post, "likes_count", Like.objects.filter(member__is_active=True), "post",
         Like.objects.filter(member__in=closed).values_list("post_id", flat=True)),
        (Post, "bookmarks_count", Bookmark.objects.filter(member__is_active=True), "post",
         Bookmark.objects.filter(member__in=closed).values_list("post_id", flat=True)),
        (Post, "replies_count", readable, "in_reply_to",
         replies.exclude(author__is_active=True, author__is_private=False).values_list("in_reply_to_id", flat=True)),
    ):  # fmt: skip
        counted = (
            rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk")).values("n")
        )
        anew = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        ids = sorted(set(changed))
        for start in range(0, len(ids), CHUNK):
            model._base_manager.filter(pk__in=ids[start : start + CHUNK]).update(**{name: anew})


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0003_unreviewed_edits"),
        ("social", "0003_list_titles_whatever_their_case"),
        ("accounts", "0007_named_fields"),
    ]

    # After migrating back, `manage.py recount` of the older code restores its numbers.
    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop, elidable=True)]
