"""REST API."""

from typing import Any

from .community import SITE_NAME
from .environment import env

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.parsers.BoundedJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "core.schema.Schema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "DEFAULT_VERSION": "1",
    "ALLOWED_VERSIONS": ["1"],
}
# For each member, or each address of visitors.
API_RATES = {
    "read": env("API_RATE_READ", default="300/minute"),
    "write": env("API_RATE_WRITE", default="100/minute"),
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": (
        "Everything that the pages can do, for apps. Sign in at /_allauth/app/v1/auth/login and send the access token "
        "as `Authorization: Bearer …`. Lists come in pages of {items, next}; give `next` as `cursor`. Errors are "
        "{error, message, trace_id} and, for bad input, {fields}. Ids are strings. A field that is not known is "
        "refused, so that nothing is believed to have had an effect. Every body needs a Content-Length."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/",
    "ENUM_NAME_OVERRIDES": {
        "MutedWordAct": "social.models.MutedWord.Action",
        "DecisionAct": "moderation.models.Decision.Act",
        "ReviewState": "moderation.models.Review.State",
        "ReportOutcome": "moderation.models.Report.Outcome",
        "RuleAction": "moderation.models.WordRule.Action",
        "TextCategory": "moderation.models.Category",
        "PostOutStateEnum": "posts.models.Post.State",
        "OutcomeEnum": "accounts.models.DataImportRow.Outcome",
    },
    "PREPROCESSING_HOOKS": ["core.schema.only_our_api"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.schema.with_errors",
        "core.schema.without_unknown_fields",
    ],
}
