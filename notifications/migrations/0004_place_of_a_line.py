from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_preferences"),
        ("posts", "0003_unreviewed_edits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="notificationgroup", name="notification_group_page"),
        # A default, so that the migration can be reversed.
        migrations.AlterField("notificationgroup", "latest_id", models.BigIntegerField(default=0)),
        migrations.RemoveField(model_name="notificationgroup", name="latest_id"),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(withdrawn_at=None), fields=["member", "-id"], name="notification_of_member"
            ),
        ),
    ]
