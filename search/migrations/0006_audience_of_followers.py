from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0005_terms")]

    operations = [
        migrations.AlterField(
            model_name="postdocument",
            name="audience",
            field=models.BigIntegerField(
                help_text="Member whose followers alone can find it. Empty: everyone.", null=True
            ),
        ),
    ]
