"""The community: its name, rules and topics."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from .environment import env

SITE_NAME = env("SITE_NAME", default="Kith")
SITE_TAGLINE = env("SITE_TAGLINE", default="") or _("A community of our own.")
# Who runs the site and how to reach them, for the about page.
SITE_OPERATOR = env("SITE_OPERATOR", default="")
CONTACT_EMAIL = env("CONTACT_EMAIL", default="")
# The operator’s own privacy policy; without one, links go to the section about data on the about page.
PRIVACY_URL = env("PRIVACY_URL", default="")
POST_MAX_LENGTH = env.int("POST_MAX_LENGTH", default=500)
POST_MEDIA_MAX = env.int("POST_MEDIA_MAX", default=4)
# Previews of links to other sites, and after how many days one is fetched again when it is linked again.
LINK_CARDS = env.bool("LINK_CARDS", default=True)
LINK_CARD_DAYS = env.int("LINK_CARD_DAYS", default=7)
NEW_MEMBER_DAYS = env.int("NEW_MEMBER_DAYS", default=3)
# What members agree to, in the order of the about page; reports and decisions name a rule by its id.
COMMUNITY_RULES: list[dict[str, Any]] = env.json(
    "COMMUNITY_RULES",
    default=[
        {
            "id": "spam",
            "title": _("No spam"),
            "text": _("No unwanted ads, scams or flooding."),
        },
        {
            "id": "harassment",
            "title": _("No harassment"),
            "text": _("Debate ideas. Don’t target people."),
        },
        {"id": "hate", "title": _("No hate"), "text": _("Don’t attack people for who they are.")},
        {"id": "violence", "title": _("No violence"), "text": _("No threats, and no praise of violence.")},
        {
            "id": "sexual",
            "title": _("No sexual content"),
            "text": _("No pornography, and never anything sexual about minors."),
        },
        {
            "id": "privacy",
            "title": _("No doxxing"),
            "text": _("Don’t share other people’s addresses, phone numbers or other private details."),
        },
        {
            "id": "self_harm",
            "title": _("No encouraging self-harm"),
            "text": _("Talking about your own pain is welcome. Encouraging others to hurt themselves isn’t."),
        },
        {
            "id": "misinformation",
            "title": _("No harmful misinformation"),
            "text": _("No false claims that put people in danger."),
        },
    ],
)

# Topics that members may choose, and the hashtags of posts about them. A label is in lower case, as within a sentence;
# on its own, it is shown with a capital.
TOPICS: list[dict[str, Any]] = env.json(
    "TOPICS",
    default=[
        {"key": key, "label": label, "tags": tags.split()}
        for key, label, tags in (
            (
                "neighbourhood",
                _("neighbourhood"),
                "neighbourhood lostandfound streetfest sharing goodneighbours smalltown",
            ),
            ("news", _("news and politics"), "news politics elections democracy economy journalism"),
            (
                "tech",
                _("technology"),
                "tech technology programming python django opensource code debugging ai linux",
            ),
            (
                "science",
                _("science"),
                "science physics biology maths space astronomy nightsky stargazing telescope",
            ),
            (
                "nature",
                _("nature and gardens"),
                "nature gardening allotment seeds compost growyourown birds hiking",
            ),
            ("food", _("food"), "food cooking bread recipes soup leftovers sundaylunch baking"),
            ("music", _("music"), "music vinyl choir openstage practice brassband concert nowplaying"),
            ("film", _("film and series"), "film cinema nowwatching filmclub matinee subtitles series tv"),
            ("anime", _("anime and comics"), "anime manga comics cosplay"),
            ("games", _("games"), "games gaming boardgames videogames chess indiegames"),
            ("books", _("books"), "books reading bookclub library poetry nightstand writing"),
            ("art", _("art and design"), "art design drawing painting illustration museum architecture"),
            (
                "photography",
                _("photography"),
                "photography photo film35mm light darkroom oneaday streetphoto",
            ),
            ("crafts", _("crafts"), "crafts knitting woodwork mending handmade workbench diy sewing"),
            (
                "sports",
                _("sports"),
                "sports football matchday grassroots sundayleague running basketball tennis fitness",
            ),
            ("cycling", _("cycling"), "cycling bikecommute repaircafe slowride cargobike twowheels bikes"),
            ("cars", _("cars"), "cars motorsport formula1 f1 electriccars classiccars"),
            ("travel", _("travel"), "travel trains backpacking city mountains sea"),
            ("pets", _("pets"), "pets cats dogs animals adoptdontshop"),
            ("health", _("health"), "health mentalhealth sleep nutrition yoga"),
        )
    ],
)
