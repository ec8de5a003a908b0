from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_language")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="closed_by_staff_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Suspended by staff: the owner can’t reopen it.",
                null=True,
            ),
        ),
    ]
