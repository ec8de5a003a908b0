"""Content security policy."""

from csp.constants import NONCE, NONE, SELF

from .accounts import SIGN_IN_ORIGINS
from .storage import MEDIA_ORIGIN

# Nothing inline except the import map, by its nonce, and nothing from other sites; pictures also from the media
# storage. Browsers apply form-action to redirects after a form too, so it also allows the sites where members sign in.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *filter(None, [MEDIA_ORIGIN])],
        "media-src": [SELF, "blob:", *filter(None, [MEDIA_ORIGIN])],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *SIGN_IN_ORIGINS],
        "frame-ancestors": [NONE],
    }
}
