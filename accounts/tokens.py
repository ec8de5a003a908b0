from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from allauth.headless.tokens.strategies.jwt.internal import decode_token, session_key_from_sid

from accounts.actions import touch_session


class TokenStrategy(JWTTokenStrategy):
    """allauth's signed tokens. An app that refreshes its token has just been used."""

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        pair: tuple[str, str] | None = super().refresh_token(refresh_token)
        payload = decode_token(refresh_token, "refresh") if pair else None
        if payload and (key := session_key_from_sid(payload["sid"])):
            touch_session(session_key=key)
        return pair
