import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_imports_that_ask"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dataexport",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name="dataimport",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
