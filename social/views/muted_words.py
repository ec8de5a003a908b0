"""A member's own muted words."""

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
from social.actions import edit_muted_word, mute_word, unmute_word
from social.actions.muted_words import MUTED_WORDS_MAX
from social.forms import KEEP, MutedWordForm, duration_in
from social.models import MutedWord
from social.queries import active_muted_words, muted_word


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*MutedWordForm.base_fields)
def muted_words(request: HttpRequest) -> HttpResponse:
    """List the muted words, with the form to mute another."""
    by = signed_in(request)
    form = MutedWordForm(request.POST) if request.method == "POST" else MutedWordForm()
    if request.method == "POST" and form.is_valid():
        try:
            word = mute_word(by=by, **_given(form))
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _with_note(_("“%(word)s” muted."), word))
            return redirect("social:muted_words")
    # MUTED_WORDS_MAX fit on one page.
    context = {"form": form, "words": active_muted_words(by), "most": MUTED_WORDS_MAX}
    return render(request, "social/muted_words.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@accepts_fields(*MutedWordForm.base_fields)
def edit_word(request: HttpRequest, word_id: int) -> HttpResponse:
    by = signed_in(request)
    word = muted_word(word_id, viewer=by)
    form = MutedWordForm.of(word, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            keep = form.cleaned_data["duration"] == KEEP
            word = edit_muted_word(word=word, by=by, keep_end=keep, **_given(form))
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _with_note(_("“%(word)s” saved."), word))
            return redirect("social:muted_words")
    context = {"form": form, "word": word}
    return render(request, "social/muted_word_edit.html", context, status=422 if form.errors else 200)


@require_POST
def remove_word(request: HttpRequest, word_id: int) -> HttpResponse:
    by = signed_in(request)
    word = muted_word(word_id, viewer=by)
    unmute_word(word=word, by=by)
    message = _("“%(word)s” unmuted.") % {"word": word.text}
    return render_fragment_or_redirect(request, redirect("social:muted_words"), message=message)


def _with_note(sentence: str, word: MutedWord) -> str:
    """Return the sentence, followed by the word's note if it has one."""
    message = sentence % {"word": word.text}
    return f"{message} {word.note}." if word.note else message


def _given(form: MutedWordForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "text": given["text"],
        "places": given["places"],
        "act": given["act"],
        "for_": duration_in(form),
    }
