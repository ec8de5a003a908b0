import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0011_versions_of_posts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="reposts_count",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Repost",
            fields=[
                (
                    "id",
                    core.fields.SnowflakeField(
                        default=core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reposts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reposts", to="posts.post"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "-id"], name="repost_by_member")],
                "constraints": [models.UniqueConstraint(fields=("post", "member"), name="repost_once")],
            },
        ),
    ]
