from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_decisions_of_moderation"),
    ]

    operations = [
        migrations.RenameField("report", "words", "comment"),
        migrations.RenameField("decision", "words", "post_text"),
        migrations.RenameField("case", "why", "reason"),
    ]
