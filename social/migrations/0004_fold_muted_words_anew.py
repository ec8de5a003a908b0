"""Recompute the stored forms of muted words, which now include apostrophes and signs (core.words.as_phrase).

Of two words with the same form, the newer stays.
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
        # A new form may be the old one of another row, so all get placeholders first.
        for pk in changed:
            words.filter(pk=pk).update(folded=f"~{pk}")
        for pk, folded in changed.items():
            words.filter(pk=pk).update(folded=folded)


class Migration(migrations.Migration):
    dependencies = [("social", "0003_list_titles_whatever_their_case")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
