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

MUTED_WORDS_MAX = 200
PLACES = tuple(PLACE_NAMES)


def mute_word(
    *,
    by: Member,
    text: str,
    places: Collection[str] = PLACES,
    act: str = MutedWord.Action.HIDE,
    for_: timedelta | None = None,
) -> MutedWord:
    """Mute a word, phrase, #hashtag or @name in these places.

    Raises Invalid, with a sentence, if it has nothing to match, is too long or is muted already.
    """
    word = _fill(MutedWord(member=by), text, places, act)
    word.until = ends_at(for_)
    with transaction.atomic():
        _lock_words(by, word.folded)
        if MutedWord.objects.active().filter(member=by).count() >= MUTED_WORDS_MAX:
            sentence = _("You can mute up to %(most)s words. Remove one first.")
            raise Invalid(sentence % {"most": MUTED_WORDS_MAX}, code="too_many_words")
        if not insert_once(word):
            raise _already_muted(text)
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
    """Change the fields that aren't None and, unless `keep_end`, the time it ends. Raises like `mute_word`."""
    until = ends_at(for_)
    with transaction.atomic():
        found = MutedWord.objects.active().filter(member=by, pk=word.pk).first()
        if found is None:
            raise NotFound(_("That word isn’t muted any more."))
        text = found.text if text is None else text
        _fill(found, text, found.places if places is None else places, found.act if act is None else act)
        if not keep_end:
            found.until = until
        _lock_words(by, found.folded)
        if MutedWord.objects.filter(member=by, folded=found.folded).exclude(pk=found.pk).exists():
            raise _already_muted(text)
        found.save()
        emit(WordMuted(word_id=found.id, member_id=by.pk))
    return found


def unmute_word(*, word: MutedWord, by: Member) -> bool:
    """Unmute the word. Return False if it wasn't muted any more."""
    deleted, _ = MutedWord.objects.filter(member=by, pk=word.pk).delete()
    return bool(deleted)


def _fill(word: MutedWord, text: str, places: Collection[str], act: str) -> MutedWord:
    text = clean_line(text)
    folded = as_phrase(text)
    if not folded:
        raise _invalid("text", _("Enter a word, phrase or #hashtag with letters, digits or an emoji."))
    if len(folded) == 1 and (signs := left_out(text)):
        sentence = _(
            "Without the signs (%(signs)s), only “%(letter)s” is left, and too many posts contain that. Enter more."
        )
        raise _invalid("text", sentence % {"signs": signs, "letter": folded})
    if length(text) > MUTED_TEXT_MAX or len(folded) > 2 * MUTED_TEXT_MAX:
        sentence = _("A muted word or phrase can have up to %(most)s characters.")
        raise _invalid("text", sentence % {"most": MUTED_TEXT_MAX})
    if not places or not set(places) <= set(PLACES):
        raise _invalid("places", _("Choose at least one place to mute it."))
    if act not in MutedWord.Action.values:
        raise _invalid("act", _("Choose whether to hide posts or show a warning."))
    word.text, word.folded, word.act = text, folded, act
    for place in PLACES:
        setattr(word, f"in_{place}", place in places)
    return word


def _lock_words(by: Member, folded: str) -> None:
    """Lock the member, so that the limit holds and no word is muted twice. Deletes this word if it has expired."""
    lock_members(by.pk)
    MutedWord.objects.filter(member=by, folded=folded, until__lte=timezone.now()).delete()


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: [sentence]})


def _already_muted(text: str) -> Invalid:
    sentence = _("You’ve already muted “%(word)s”. Accents and capital letters make no difference.")
    sentence %= {"word": clean_line(text)}
    return Invalid(sentence, code="already_muted", fields={"text": [sentence]})
