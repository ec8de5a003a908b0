from hashlib import sha256

from django import forms

from core.ids import MAX_ID


class PostForm(forms.Form):
    """What a composer sends. What a text may be is known to posts.actions."""

    # Not required and not stripped here: the action cleans, and its sentence is the one shown.
    text = forms.CharField(required=False, strip=False)
    in_reply_to = forms.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    idempotency_key = forms.CharField(required=False, max_length=64)

    @property
    def key(self) -> str:
        """Of this text in this form, or empty: a form that the Back button brought back keeps its own, and another
        text in it is another post.
        """
        form, text = self.cleaned_data["idempotency_key"], self.cleaned_data["text"]
        return f"{form}:{sha256(text.encode()).hexdigest()[:16]}" if form else ""
