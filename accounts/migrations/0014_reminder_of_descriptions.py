from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_autoplay"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="reminds_of_alt",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Is asked before posting a picture without a description.",
            ),
        ),
    ]
