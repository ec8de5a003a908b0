"""Muted words keep their apostrophes and signs (core.words.as_phrase): the stored forms are made anew.

Of two words that have become one, the newer stays.
"""

from django.db import migrations

from core.words import as_phrase


def fold(apps, schema_editor):
    words = apps.get_model("social", "MutedWord").objects
    for member_id in words.order_by().values_list("member_id", flat=True).distinct():
        rows = list(words.filter(member_id=member_id).order_by("pk"))
        kept = {as_phrase(row.text)[:200] or row.folded: row for row in rows}
        words.filter(member_id=member_id).exclude(pk__in=[row.pk for row in kept.values()]).delete()
        changed = {row.pk: folded for folded, row in kept.items() if folded != row.folded}
        # One may take the form that another gives up: all give theirs up first.
        for pk in changed:
            words.filter(pk=pk).update(folded=f"~{pk}")
        for pk, folded in changed.items():
            words.filter(pk=pk).update(folded=folded)


class Migration(migrations.Migration):
    dependencies = [("social", "0003_list_titles_whatever_their_case")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
