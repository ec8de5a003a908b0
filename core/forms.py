"""What forms of all apps have in common."""

from django.forms import Form

from core.refusals import Refusal


def show_refusal(form: Form, refusal: Refusal) -> None:
    """Say on the form what an action has refused: at the fields that it names, or else above the form."""
    for name, errors in (refusal.fields or {"": [refusal.message]}).items():
        form.add_error(name if name in form.fields else None, list(errors))
