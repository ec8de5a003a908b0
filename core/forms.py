"""What forms of all apps share: how a refusal is shown, and which fields they accept.

A view declares its fields with `accepts_fields`; a class-based view has a form class, which declares them. A view
that declares nothing accepts nothing: other fields are refused by name (core.middleware.LimitsMiddleware) instead of
being ignored.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.api import unknown_fields
from core.refusals import BadRequest, Invalid, Refusal, UnknownFields

EVERYWHERE = frozenset({"csrfmiddlewaretoken", "next"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
View = TypeVar("View", bound=Callable[..., Any])


def show_refusal(form: Form, refusal: Refusal) -> None:
    """Show an action’s refusal on the form: at the fields that it names, or else above the form."""
    for name, errors in (refusal.fields or {"": [refusal.message]}).items():
        form.add_error(name if name in form.fields else None, list(errors))


def cleaned(form: Form) -> dict[str, Any]:
    """Return the cleaned data of a form that can have errors only if it isn’t ours. Raises Invalid."""
    if not form.is_valid():
        raise Invalid(_("We couldn’t read this form. Reload the page and try again."))
    return form.cleaned_data


def accepts_fields(*names: str) -> Callable[[View], View]:
    """Declare the fields and files that a view takes by POST; those of a form are `*PostForm.base_fields`."""

    def decorate(view: View) -> View:
        view.accepted_fields = frozenset(names)  # type: ignore[attr-defined]
        return view

    return decorate


def check_fields(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
    """Raise UnknownFields if a form has fields that `view` doesn’t accept, BadRequest if it isn’t a form.

    Skipped for visitors who must sign in first: the view refuses them.
    """
    if not request.user.is_authenticated and getattr(view, "login_required", True):
        return
    if request.content_type not in FORMS and request.headers.get("Content-Length", "0") not in ("", "0"):
        raise BadRequest(code="unsupported_media_type")
    known = (
        EVERYWHERE
        | getattr(view, "accepted_fields", frozenset())
        | _fields_of_class(request, view, args, kwargs)
    )
    unknown = unknown_fields(name for name in (*request.POST, *request.FILES) if name not in known)
    if unknown:
        raise UnknownFields(
            _("This form has fields that aren’t known here: %(names)s. Reload the page and try again.")
            % {"names": ", ".join(unknown)},
            fields=unknown,
        )


def _fields_of_class(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> frozenset[str]:
    """Return the fields of a class-based view’s form, and what the form class names as `extra_fields`: fields that
    are added when it is created, and named buttons of its page.
    """
    kind: Any = getattr(view, "view_class", None)
    if not hasattr(kind, "get_form_class"):
        return frozenset()
    page = kind(**view.view_initkwargs)
    page.setup(request, *args, **kwargs)
    form = page.get_form_class()
    return frozenset({*form.base_fields, *getattr(form, "extra_fields", ())})
