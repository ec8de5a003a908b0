"""Store which version of the analysis made the index; on an empty site, the current one."""

from django.db import migrations, models

from search.analysis import ANALYSIS_VERSION as ANALYSIS


def note_an_empty_index(apps, schema_editor):
    renewal = apps.get_model("search", "Renewal")
    for kind, indexed in (("posts", ("posts", "Post")), ("members", ("accounts", "Member"))):
        if not apps.get_model(*indexed).objects.exists():
            renewal.objects.create(kind=kind, analysis=ANALYSIS)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_full_text")]

    operations = [
        migrations.CreateModel(
            name="Renewal",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[("posts", "Posts"), ("members", "Members")],
                        max_length=7,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "analysis",
                    models.PositiveIntegerField(
                        help_text="Version of the analysis the whole index was built with."
                    ),
                ),
                (
                    "after",
                    models.BigIntegerField(default=0, help_text="Rebuilt up to this id."),
                ),
            ],
        ),
        migrations.RunPython(note_an_empty_index, migrations.RunPython.noop),
    ]
