"""Made-up people and posts for /style, so that its components are rendered by their real templates."""

from datetime import timedelta
from types import SimpleNamespace as Sample

from django import template
from django.utils import timezone

register = template.Library()


def _member(number: int, username: str, name: str, bio: str = "", **more: object) -> Sample:
    facts: dict[str, object] = {
        "id": number,
        "username": username,
        "name": name,
        "initial": name[:1].upper(),
        "hue": number % 12,
        "avatar": "",
        "avatar_url": "",
        "cover_url": "",
        "bio": bio,
        "pronouns": "",
        "location": "",
        "website": "",
        "joined_at": timezone.now() - timedelta(days=400),
        "followers_count": 1284,
        "following_count": 312,
        "posts_count": 97,
        "is_verified": False,
        "is_simulated": False,
        "is_moderator": False,
        "is_active": True,
        "get_absolute_url": "#",
    }
    return Sample(**(facts | more))


def _post(number: int, author: Sample, html: str, minutes: int, **more: object) -> Sample:
    facts: dict[str, object] = {
        "id": number,
        "key": str(number),
        "path": f"/@{author.username}/{number}",
        "author": author,
        "author_id": author.id,
        "html": html,
        "visibility": "public",
        "content_warning": "",
        "language": "en",
        "created_at": timezone.now() - timedelta(minutes=minutes),
        "edited_at": None,
        "state": "published",
        "state_reason": "",
        "in_reply_to": None,
        "in_reply_to_id": None,
        "likes_count": 0,
        "replies_count": 0,
        "reposts_count": 0,
        "can_be_shared": more.get("visibility", "public") in ("public", "unlisted"),
        "is_quote": False,
    }
    return Sample(**(facts | more))


def _members() -> dict[str, Sample]:
    ana = _member(
        1,
        "ana",
        "Ana Lima",
        "Gardener of a small library. Bread, maps, and the slow web.",
        is_verified=True,
        pronouns="she/her",
        location="Porto",
        website="https://ana.example/notes",
    )
    ben = _member(4, "benoit", "Benoît Okafor", "Cyclist, father, occasional luthier.")
    mod = _member(3, "mirela", "Mirela", "Keeps the peace here.", is_moderator=True)
    bot = _member(
        9, "rally_robin", "Rally Robin", "Simulated member. Cars, gravel and weather.", is_simulated=True
    )
    long = _member(
        7, "a_very_long_username_indeed", "Someone with quite a long display name to see what gives way first"
    )
    return {"ana": ana, "ben": ben, "mod": mod, "bot": bot, "long": long}


def _posts(ana: Sample, ben: Sample, bot: Sample, long: Sample) -> dict[str, object]:
    first = _post(
        1001,
        ana,
        "The seed library opens on Saturday at ten. Bring an envelope, take home a tomato nobody sells any more. "
        '<a href="#">#seeds</a> <a href="#">#porto</a>',
        4,
        likes_count=12,
        replies_count=3,
    )
    reply = _post(
        1002,
        ben,
        '<a href="#">@ana</a> I will bring beans. Is there room for a bicycle inside?',
        2,
        in_reply_to=first,
        in_reply_to_id=first.id,
        likes_count=1,
    )
    return {
        "first": first,
        "reply": reply,
        "wide": _post(
            1003,
            long,
            "Rain on the roof, soup on the stove 🍲\n\nReading: "
            '<a href="#">example.org/the-quiet-web-and-other-essays-that-take-an-evening</a>',
            190,
            likes_count=1234,
            replies_count=48,
            edited_at=timezone.now(),
        ),
        "simulated": _post(
            1004, bot, "Gravel stage tomorrow, and the forecast says fog. Perfect.", 2900, likes_count=7
        ),
        "warned": _post(
            1008, bot, "The fog came, and nobody saw the finish.", 30, content_warning="The end of the race"
        ),
        "limited": [
            _post(1009 + n, ana, text, 45, visibility=visibility, get_visibility_display=label)
            for n, (visibility, label, text) in enumerate(
                [
                    ("unlisted", "Unlisted", "For everyone with the address, and on no list."),
                    ("followers", "Followers", "Dinner on Friday, the door is open from seven."),
                    ("mentioned", "People you mention", '<a href="#">@benoit</a> can you bring the ladder?'),
                ]
            )
        ],
        "running": _post(1021, ana, "Which one gets the frame?", 30, poll_text="…"),
        "several": _post(1022, long, "Which mornings would you come?", 50, poll_text="…"),
        "voted": _post(1023, ben, "When does the salt go in?", 90, poll_text="…"),
        "ended": _post(1024, ana, "How often do you feed your sourdough?", 3000, poll_text="…"),
        "linked": [
            _post(1012 + n, ben, text, 75 + n, link_card_id=n + 1)
            for n, text in enumerate(
                ["A picture above:", "A picture beside:", "Words only:", "A post of this community:"]
            )
        ],
        "quoting": [
            _post(1031, ben, "This is why I get up early on Saturdays.", 20, is_quote=True, reposts_count=3),
            _post(1032, ana, "I said it first.", 70, is_quote=True),
        ],
        "pictured": [
            _post(1050 + n, ana, text, 20 + n, media_count=n % 4 + 1, sensitive=n == 4)
            for n, text in enumerate(("One picture", "Two", "Three", "Four", "Covered until opened"))
        ],
        "pending": _post(1005, ben, "Just joined. Hello, everyone.", 0, state="pending"),
        "held": _post(
            1006,
            ben,
            "Cheap watches!!! Click here, click here, click here",
            12,
            state="held",
            state_reason="It looks like advertising (rule 3). Only you can see it until a moderator has looked.",
        ),
        "removed": _post(
            1007,
            ben,
            "…",
            60,
            state="removed",
            state_reason="It named a private address (rule 1). You may appeal.",
        ),
    }


def _choice(*labels: str) -> list[Sample]:
    return [Sample(value=label.lower(), label=label, chosen=not index) for index, label in enumerate(labels)]


def _composer() -> Sample:
    """Return a composer with everything that a post can have (posts.composing)."""
    return Sample(
        given={},
        content_warning="Spoilers",
        sensitive=True,
        poll_options=["Bread", "Soup", "", "", "", ""],
        poll_lengths=_choice("1 day", "3 days"),
        visibilities=_choice("Public", "Unlisted", "Followers"),
        reply_policies=_choice("Everyone can reply", "Followers can reply"),
        quote_policies=_choice("Everyone can quote", "Nobody can quote"),
        languages=_choice("Detect language", "Deutsch", "English"),
        media_max=4,
        file_numbers=[],
        media=[
            Sample(id=1, kind="audio", state="ready", is_recording=True, alt="The bell of the old school"),
            Sample(id=2, kind="video", state="uploading", is_recording=True),
            Sample(id=3, kind="video", state="failed", is_recording=True, problem="This video is too long."),
        ],
    )


def _poll(*options: tuple[str, int], own: int | None = None, **more: object) -> Sample:
    shown = own is not None or bool(more.get("ended"))
    most = max(percent for _, percent in options)
    facts: dict[str, object] = {
        "options": [
            Sample(index=i, text=text, percent=percent, chosen=i == own, leads=shown and percent == most)
            for i, (text, percent) in enumerate(options)
        ],
        "multiple": False,
        "hide_results": False,
        "expires_at": timezone.now() + timedelta(hours=5, minutes=10),
        "ended": False,
        "voters_count": 128,
        "shows_results": shown,
        "may_vote": not shown,
    }
    return Sample(**(facts | more))


def _link_card(host: str, title: str, description: str, *, width: int = 0, **more: object) -> Sample:
    facts: dict[str, object] = {
        "url": "#",
        "host": host,
        "title": title,
        "description": description,
        "site_name": "",
        "picture": "/static/img/share.png" if width else "",
        "picture_width": width,
        "picture_height": 630 if width else 0,
        "picture_alt": "",
        "is_wide": width > 630,
        "is_own": False,
    }
    return Sample(**(facts | more))


def _polls() -> dict[int, Sample]:
    frames = (("Fog over the harbor", 0), ("The heron", 0), ("Market, 6 a.m.", 0))
    salt = (
        ("Before it boils", 25),
        ("When it boils", 61),
        ("With the pasta, whenever I happen to think of it", 14),
    )
    return {
        1021: _poll(*frames, hide_results=True, voters_count=0),
        1022: _poll(("Saturday", 0), ("Sunday, if the bakery is open by then", 0), multiple=True),
        1023: _poll(*salt, own=1),
        1024: _poll(*salt, ended=True, voters_count=1),
    }


def _link_cards() -> dict[int, Sample]:
    lines = (
        "Researchers followed one wall for eleven years, and its moss knew before the weather service did."
    )
    return {
        1: _link_card(
            "nature.example", "How moss remembers the rain, told by a wall in Lisbon", lines, width=1200
        ),
        2: _link_card("blog.example", "A short one", lines, width=630),
        3: _link_card("plain.example", "No picture here", ""),
        4: _link_card(
            "", "Ana Lima (@ana)", "The seed library opens on Saturday.", is_own=True, site_name="Kith"
        ),
    }


def _draft(number: int, text: str, **more: object) -> Sample:
    facts: dict[str, object] = {
        "pk": number,
        "posts": [{"text": text}],
        "first_text": text,
        "parent_id": None,
        "scheduled_at": None,
        "failure": "",
        "updated_at": timezone.now() - timedelta(minutes=20),
    }
    return Sample(**(facts | more))


def _drafts() -> list[Sample]:
    later = timezone.now() + timedelta(days=2)
    return [
        _draft(1, "How I keep slugs off the lettuce, in three steps.", posts=[{}, {}, {}]),
        _draft(2, "", posts=[{}]),
        _draft(3, "The market opens at nine today.", scheduled_at=later),
        _draft(4, "I agree.", failure="The post you replied to isn’t available any more."),
    ]


def _pictures() -> dict[int, list[Sample]]:
    """Return pictures without files: what is seen while they load, or when they can’t be loaded."""
    hashes = ("LEHV6nWB2yk8pyo0adR*.7kCMdnj", "LGF5]+Yk^6#M@-5c,1J5@[or[Q6.", "L6PZfSi_.AyE_3t7t7R**0o#DgR4")
    one = {
        "state": "ready",
        "is_ready": True,
        "files": {},
        "focus_x": 0.0,
        "focus_y": 0.0,
        "is_recording": False,
    }
    sizes = ((1500, 900), (900, 1400), (1200, 1200), (1600, 1000))
    return {
        1050 + n: [
            Sample(
                **one,
                id=1100 + 10 * n + i,
                kind="gif" if n == 0 else "image",
                alt="The harbor in fog, a heron on the last post" if i == 0 else "",
                width=width,
                height=height,
                duration=None,
                blurhash=hashes[i % 3],
            )
            for i, (width, height) in enumerate(sizes[: n % 4 + 1])
        ]
        for n in range(5)
    }


@register.simple_tag
def style_samples() -> Sample:
    members = _members()
    posts = _posts(members["ana"], members["ben"], members["bot"], members["long"])
    return Sample(
        **members,
        **posts,
        people=list(members.values()),
        polls=_polls(),
        media=_pictures(),
        liked={1001, 1003},
        link_cards=_link_cards(),
        reposted={1031},
        reposters={1031: Sample(named=[members["ana"], members["bot"]], others=2)},
        quotes={1031: Sample(post=posts["first"], state=""), 1032: Sample(post=None, state="revoked")},
        bookmarked={1001},
        trends=[
            Sample(tag="seeds", people=128),
            Sample(tag="SundayRide", people=64),
            Sample(tag="Αθήνα", people=31),
            Sample(tag="rain", people=9),
        ],
        drafts=_drafts(),
        now=timezone.now() - timedelta(minutes=7),
        composer=_composer(),
    )
