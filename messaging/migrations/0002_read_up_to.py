from typing import Any

from django.db import migrations, models
from django.db.models import F


def note_what_was_read(apps: Any, schema_editor: Any) -> None:
    """Store up to which message each member has read: to the last one if nothing is unread, else to the message before
    the last `unread` ones of the other member. Messages deleted since are no longer counted.
    """
    Participation = apps.get_model("messaging", "Participation")
    Message = apps.get_model("messaging", "Message")
    Participation.objects.filter(unread=0).update(read_up_to=F("latest"))
    for side in Participation.objects.filter(unread__gt=0).iterator():
        theirs = Message.objects.filter(conversation=side.conversation_id).exclude(author=side.member_id)
        waiting = list(theirs.order_by("-id").values_list("id", flat=True)[: side.unread])
        side.read_up_to = waiting[-1] - 1 if waiting else side.latest
        side.unread = len(waiting)
        side.save(update_fields=["read_up_to", "unread"])


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="participation",
            name="read_up_to",
            field=models.BigIntegerField(
                default=0, help_text="Id of the last message that the member has seen."
            ),
        ),
        migrations.RunPython(note_what_was_read, migrations.RunPython.noop),
    ]
