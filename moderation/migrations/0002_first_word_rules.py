"""Create a few word rules to begin with, which can be changed in the admin."""

from django.db import migrations

RULES = [
    ("free followers", "spam", "flag", "Follower trade."),
    ("guaranteed profit", "spam", "flag", "Investment scams."),
    ("double your bitcoin", "spam", "hold", "Giveaway scam."),
    ("send me your seed phrase", "spam", "hold", "Wallet theft."),
    ("work from home and earn", "spam", "flag", "Job scams."),
    ("kill yourself", "self_harm", "hold", "A person looks before others read it."),
]


def write(apps, schema_editor):
    WordRule = apps.get_model("moderation", "WordRule")
    for pattern, category, action, note in RULES:
        WordRule.objects.get_or_create(
            pattern=pattern, defaults={"category": category, "action": action, "note": note}
        )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
