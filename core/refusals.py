"""Exceptions by which actions say no. Each entry point shows them in its form: page, toast, JSON, socket frame."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class Refusal(Exception):
    """A request is refused, with a sentence for the person who made it."""

    status = 400
    code = "refused"
    default_message: Sentence = _("That can’t be done.")

    def __init__(
        self,
        message: Sentence | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[Sentence]] | None = None,
    ) -> None:
        # Translate now, into the language of the request.
        self.message = str(message or self.default_message)
        self.code = code or self.code
        self.fields = {name: [str(error) for error in errors] for name, errors in (fields or {}).items()}
        super().__init__(self.message)


class BadRequest(Refusal):
    """The request can’t be read."""

    code = "bad_request"
    default_message = _("We couldn’t understand that request.")


class UnknownFields(Refusal):
    """The request has fields that the entry point doesn’t know, which would otherwise be ignored silently."""

    code = "unknown_fields"
    default_message = _("That has fields that aren’t known here.")


class LengthRequired(Refusal):
    status = 411
    code = "length_required"
    default_message = _("Send a Content-Length that says how long the body is.")


class TooLarge(Refusal):
    status = 413
    code = "too_large"
    default_message = _("That’s too much at once.")


class Invalid(Refusal):
    """The input is invalid; `fields` says where."""

    status = 422
    code = "invalid"
    default_message = _("Please check your input.")


class SignInNeeded(Refusal):
    """`back` is where to go after signing in; otherwise it’s the page that was open."""

    back = ""
    status = 401
    code = "sign_in_needed"
    default_message = _("Please sign in first.")


class Forbidden(Refusal):
    status = 403
    code = "forbidden"
    default_message = _("You don’t have permission to do that.")


class NotFound(Refusal):
    """It doesn’t exist, or this viewer may not see it: both look the same."""

    status = 404
    code = "not_found"
    default_message = _("Not found.")


class Conflict(Refusal):
    status = 409
    code = "conflict"
    default_message = _("This has changed since you opened it.")


class TooMany(Refusal):
    """Too many requests. `retry_after`: seconds to wait."""

    status = 429
    code = "too_many_requests"
    default_message = _("Too many requests. Please wait a moment.")

    def __init__(self, message: Sentence | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Something the site needs doesn’t work at the moment. `retry_after`: seconds after which to try again."""

    status = 503
    code = "unavailable"
    default_message = _("The site isn’t available right now. Please try again in a moment.")

    def __init__(self, message: Sentence | None = None, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after
