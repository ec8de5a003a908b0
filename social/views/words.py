"""One's muted words. For everybody else they are not there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import signed_in
from core.forms import accepts_fields, show_refusal
from core.http import render_fragment_or_redirect
from core.refusals import Invalid
from social.actions import edit_muted_word, mute_words, unmute_word
from social.actions.words import WORDS_MAX
from social.forms import KEEP, WordForm, duration_in
from social.models import MutedWord
from social.queries import active_muted_words, muted_word


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*WordForm.base_fields)
def words(request: HttpRequest) -> HttpResponse:
    """What is muted, and the form to mute more."""
    by = signed_in(request)
    form = WordForm(request.POST) if request.method == "POST" else WordForm()
    if request.method == "POST" and form.is_valid():
        try:
            word = mute_words(by=by, **_given(form))
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _said(_("“%(word)s” muted."), word))
            return redirect("social:words")
    # Two hundred at most: one page.
    context = {"form": form, "words": active_muted_words(by), "most": WORDS_MAX}
    return render(request, "social/words.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*WordForm.base_fields)
def edit_word(request: HttpRequest, word_id: int) -> HttpResponse:
    by = signed_in(request)
    word = muted_word(word_id, viewer=by)
    form = WordForm.of(word, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            keep = form.cleaned_data["duration"] == KEEP
            word = edit_muted_word(word=word, by=by, keep_end=keep, **_given(form))
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _said(_("“%(word)s” saved."), word))
            return redirect("social:words")
    context = {"form": form, "word": word}
    return render(request, "social/word_edit.html", context, status=422 if form.errors else 200)


@require_POST
def remove_word(request: HttpRequest, word_id: int) -> HttpResponse:
    by = signed_in(request)
    word = muted_word(word_id, viewer=by)
    unmute_word(word=word, by=by)
    message = _("“%(word)s” unmuted.") % {"word": word.text}
    return render_fragment_or_redirect(request, redirect("social:words"), message=message)


def _said(sentence: str, word: MutedWord) -> str:
    """The sentence, and after it what the word matches when that is not what was written."""
    said = sentence % {"word": word.text}
    return f"{said} {word.note}." if word.note else said


def _given(form: WordForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "text": given["text"],
        "places": given["places"],
        "act": given["act"],
        "for_": duration_in(form),
    }
