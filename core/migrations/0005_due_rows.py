import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_leases"),
    ]

    operations = [
        migrations.AlterField(
            model_name="outboxevent",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name="queuedmail",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddIndex(
            model_name="queuedmail",
            index=models.Index(condition=models.Q(("given_up_at", None)), fields=["due_at"], name="mail_due"),
        ),
    ]
