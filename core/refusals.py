"""How an action says no. Each door shows a refusal in its own way: page, fragment with a toast, JSON, socket frame."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class Refusal(Exception):
    """Something asked for that will not be done, with a sentence for the person who asked."""

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
        # In the language of whoever has asked: here and now.
        self.message = str(message or self.default_message)
        self.code = code or self.code
        self.fields = {name: [str(error) for error in errors] for name, errors in (fields or {}).items()}
        super().__init__(self.message)


class BadRequest(Refusal):
    """What was sent cannot be read."""

    code = "bad_request"
    default_message = _("We couldn’t understand that request.")


class UnknownFields(Refusal):
    """Something was sent that this door does not know, and that would be lost without a word."""

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
    """What was sent does not have the right shape; `fields` says where."""

    status = 422
    code = "invalid"
    default_message = _("Please check your input.")


class SignInNeeded(Refusal):
    status = 401
    code = "sign_in_needed"
    default_message = _("Please sign in first.")


class Forbidden(Refusal):
    status = 403
    code = "forbidden"
    default_message = _("You don’t have permission to do that.")


class NotFound(Refusal):
    """Not there, or not for this viewer: the two look the same."""

    status = 404
    code = "not_found"
    default_message = _("Not found.")


class Conflict(Refusal):
    status = 409
    code = "conflict"
    default_message = _("This has changed since you opened it.")


class TooMany(Refusal):
    """`retry_after`: seconds to wait."""

    status = 429
    code = "too_many_requests"
    default_message = _("Too many requests. Please wait a moment.")

    def __init__(self, message: Sentence | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Something that the site stands on does not work now. `retry_after`: seconds after which to try again."""

    status = 503
    code = "unavailable"
    default_message = _("The site isn’t available right now. Please try again in a moment.")

    def __init__(self, message: Sentence | None = None, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after
