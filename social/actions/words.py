from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Invalid, NotFound
from core.text import clean_line, length
from core.words import as_phrase, left_out
from social.actions.mutes import ends_at
from social.events import WordMuted
from social.models import MUTED_TEXT_MAX, PLACE_NAMES, MutedWord

WORDS_MAX = 200
PLACES = tuple(PLACE_NAMES)


def mute_words(
    *,
    by: Member,
    text: str,
    places: Collection[str] = PLACES,
    act: str = MutedWord.Action.HIDE,
    for_: timedelta | None = None,
) -> MutedWord:
    """`by` does not want to read posts with this word, phrase, #tag or @name, in these places.

    Raises Invalid, with a sentence, for what cannot be compared, is too long or is muted already.
    """
    word = _worded(MutedWord(member=by), text, places, act)
    word.until = ends_at(for_)
    with transaction.atomic():
        _one_after_the_other(by, word.folded)
        if MutedWord.objects.active().filter(member=by).count() >= WORDS_MAX:
            sentence = _("You can mute up to %(most)s words. Remove one first.")
            raise Invalid(sentence % {"most": WORDS_MAX}, code="too_many_words")
        if not insert_once(word):
            raise _muted_already(text)
        emit(WordMuted(word_id=word.id, member_id=by.pk))
    return word


def edit_muted_word(
    *,
    word: MutedWord,
    by: Member,
    text: str | None = None,
    places: Collection[str] | None = None,
    act: str | None = None,
    for_: timedelta | None = None,
    keep_end: bool = False,
) -> MutedWord:
    """What is None stays as it is; with `keep_end` so does when it ends. Raises as `mute_words` does."""
    until = ends_at(for_)
    with transaction.atomic():
        found = MutedWord.objects.active().filter(member=by, pk=word.pk).first()
        if found is None:
            raise NotFound(_("That word isn’t muted any more."))
        text = found.text if text is None else text
        _worded(found, text, found.places if places is None else places, found.act if act is None else act)
        if not keep_end:
            found.until = until
        _one_after_the_other(by, found.folded)
        if MutedWord.objects.filter(member=by, folded=found.folded).exclude(pk=found.pk).exists():
            raise _muted_already(text)
        found.save()
        emit(WordMuted(word_id=found.id, member_id=by.pk))
    return found


def unmute_word(*, word: MutedWord, by: Member) -> bool:
    """False when it was not muted (any more)."""
    deleted, _ = MutedWord.objects.filter(member=by, pk=word.pk).delete()
    return bool(deleted)


def _worded(word: MutedWord, text: str, places: Collection[str], act: str) -> MutedWord:
    text = clean_line(text)
    folded = as_phrase(text)
    if not folded:
        raise _wrong("text", _("Enter a word, phrase or #hashtag with letters, digits or an emoji."))
    if len(folded) == 1 and (signs := left_out(text)):
        sentence = _(
            "Without the signs (%(signs)s), only “%(letter)s” is left, and too many posts contain that. Enter more."
        )
        raise _wrong("text", sentence % {"signs": signs, "letter": folded})
    if length(text) > MUTED_TEXT_MAX or len(folded) > 2 * MUTED_TEXT_MAX:
        sentence = _("A muted word or phrase can have up to %(most)s characters.")
        raise _wrong("text", sentence % {"most": MUTED_TEXT_MAX})
    if not places or not set(places) <= set(PLACES):
        raise _wrong("places", _("Choose at least one place to mute it."))
    if act not in MutedWord.Action.values:
        raise _wrong("act", _("Choose whether to hide posts or show a warning."))
    word.text, word.folded, word.act = text, folded, act
    for place in PLACES:
        setattr(word, f"in_{place}", place in places)
    return word


def _one_after_the_other(by: Member, folded: str) -> None:
    """So that the most is the most and no word is there twice. What ran out is as good as gone."""
    lock_members(by.pk)
    MutedWord.objects.filter(member=by, folded=folded, until__lte=timezone.now()).delete()


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: [sentence]})


def _muted_already(text: str) -> Invalid:
    sentence = _("You’ve already muted “%(word)s”. Accents and capital letters make no difference.")
    sentence %= {"word": clean_line(text)}
    return Invalid(sentence, code="already_muted", fields={"text": [sentence]})
