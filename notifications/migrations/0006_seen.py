from django.conf import settings
from django.db import migrations, models


def what_was_read_was_seen(apps, schema_editor):
    read = apps.get_model("notifications", "Notification").objects.exclude(read_at=None)
    read.update(seen_at=models.F("read_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_decisions_of_moderation"),
        ("notifications", "0005_decisions_of_moderation"),
        ("posts", "0004_count_what_anyone_could_list"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="seen_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the member opened the notifications page after it arrived.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="read_at",
            field=models.DateTimeField(
                blank=True, help_text="When the member opened it, or marked it.", null=True
            ),
        ),
        migrations.RunPython(what_was_read_was_seen, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("seen_at", None), ("withdrawn_at", None)),
                fields=["member", "-id"],
                name="notification_unseen",
            ),
        ),
    ]
