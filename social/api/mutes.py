from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT, paged
from social.actions import edit_muted_word, mute_member, mute_word, unmute_member, unmute_word
from social.api.follows import MemberView
from social.queries import active_muted_words, muted_word, mutes_by
from social.serializers import MemberDetailOut, MutedWordChangeIn, MutedWordIn, MutedWordOut, MuteIn, MuteOut


class MemberMute(MemberView):
    @extend_schema(operation_id="mute", request=MuteIn, responses=MemberDetailOut)
    def post(self, request: Request, user_id: int) -> Response:
        """Mute a member, or change how long. The member isn’t notified."""
        member, given = self.found(user_id), self.checked(MuteIn)
        mute_member(
            member=member,
            by=self.member,
            for_=_time(given.get("duration")),
            with_notifications=given["notifications"],
        )
        return self.shown(member)

    @extend_schema(operation_id="unmute", responses={200: MemberDetailOut})
    def delete(self, request: Request, user_id: int) -> Response:
        member = self.found(user_id)
        unmute_member(member=member, by=self.member)
        return self.shown(member)


class Mutes(ApiView):
    @extend_schema(operation_id="mutes", responses=paged("Mute", MuteOut), parameters=[CURSOR, LIMIT])
    def get(self, request: Request) -> Response:
        """List the accounts you have muted, and until when."""
        page = self.paginated(mutes_by(self.member))
        return self.page(page, MuteOut(page.items, many=True).data)


class MutedWords(ApiView):
    @extend_schema(
        operation_id="muted_words", responses=paged("MutedWord", MutedWordOut), parameters=[CURSOR, LIMIT]
    )
    def get(self, request: Request) -> Response:
        page = self.paginated(active_muted_words(self.member))
        return self.page(page, MutedWordOut(page.items, many=True).data)

    @extend_schema(operation_id="mute_word", request=MutedWordIn, responses={201: MutedWordOut})
    def post(self, request: Request) -> Response:
        """Mute a word, a phrase, a #hashtag or a @name: posts with it are hidden or get a warning."""
        word = mute_word(by=self.member, **_given(self.checked(MutedWordIn)))
        return Response(MutedWordOut(word).data, status=201)


class OneMutedWord(ApiView):
    @extend_schema(operation_id="muted_word", responses=MutedWordOut)
    def get(self, request: Request, word_id: int) -> Response:
        return Response(MutedWordOut(muted_word(word_id, viewer=self.member)).data)

    @extend_schema(operation_id="edit_muted_word", request=MutedWordChangeIn, responses=MutedWordOut)
    def patch(self, request: Request, word_id: int) -> Response:
        """Update the given fields."""
        word = muted_word(word_id, viewer=self.member)
        given = self.checked(MutedWordChangeIn)
        keep = "duration" not in given
        word = edit_muted_word(word=word, by=self.member, keep_end=keep, **_given(given))
        return Response(MutedWordOut(word).data)

    @extend_schema(operation_id="unmute_word", responses={204: None})
    def delete(self, request: Request, word_id: int) -> Response:
        unmute_word(word=muted_word(word_id, viewer=self.member), by=self.member)
        return Response(status=204)


def _given(checked: dict[str, Any]) -> dict[str, Any]:
    given = {name: checked[name] for name in ("text", "places", "act") if name in checked}
    return given | {"for_": _time(checked.get("duration"))}


def _time(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
