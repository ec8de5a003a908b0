"""List everything that can show content: routes, streams, and the jobs behind them.

`test_manifest.py` fails when a route of the URLconf, a stream of config/sockets.py, a subscriber, a scheduled job or a
Celery task is missing here, or when something listed no longer exists. `test_matrix_*.py` and `test_owned.py` check
everything that is listed, so a row is all that a new route needs to be checked for leaks.

**Adding a row.** Copy the pattern as `manage.py` would print it (prefixes included) into the section of its kind:

- `of_post`    its URL names a post (`post_id`). A viewer who may not read it gets the same response as for a post that
               never existed; a viewer who may read it doesn't get a 404. `shows=True`: the response contains its text.
- `of_member`  its URL names a member (`username` or `user_id`), in the same way.
- `listing`    posts or members, for any viewer: nothing hidden from them may be listed. `finds` says which viewers must
               find a post there that they may read: `READERS` (all who may read it), `ORIGINALS` (the same, unless it
               is a reply), `FOLLOWERS`, `KEEPERS` (who bookmarked it), `LIKERS`, or none in particular. It is read from
               its first page to its last.
- `owned`      its URL names an object of one member (`list_id`, `export_id` …): for everyone else, every method returns
               404. Its parameter needs a maker in `owned.py`.
- `own`        shows the viewer's own content: read like a listing, and refused to visitors.
- `for_moderators`, `for_staff`: for everyone else it is a 404, or asks them to sign in to the admin.
- `nothing`    shows nothing that a member wrote or did, and says why.

`verbs` are the methods that the route accepts besides HEAD; `queries` its query strings; `body` what a POST sends.
Parameters are filled by name (`world.py`): post_id, user_id, username, name (of a tag), conversation_id, ….
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    OF_POST = "of a post"
    OF_MEMBER = "of a member"
    LISTING = "listing"
    OWNED = "owned"
    OWN = "own"
    MODERATION = "for moderators"
    STAFF = "for staff"
    NOTHING = "nothing"


READERS, ORIGINALS, FOLLOWERS, KEEPERS, LIKERS = "readers", "originals", "followers", "keepers", "likers"


@dataclass(frozen=True)
class Route:
    path: str
    kind: Kind
    verbs: tuple[str, ...] = ("GET",)
    queries: tuple[str, ...] = ("",)
    body: dict[str, Any] = field(default_factory=dict)
    shows: bool = False
    finds: str = ""
    posts: bool = False
    """For `of_member`: it shows posts, so it is checked with the states of posts, too. (With `finds` it is anyway.)"""
    of_published: bool = False
    """Works for published posts only, even for their author: likes, bookmarks."""
    everyones: bool = False
    """A list of everyone's posts: it shows nothing unlisted, and nothing for mentioned members."""
    home: bool = False
    """As `everyones`, except for posts of those whom the viewer follows, and their own."""
    may_miss: bool = False
    """May be a 404 even for a visible member, such as a follow request that was never made."""
    as_guest: bool = False
    """Ignores who is signed in: everyone gets what a guest gets."""
    circle: bool = False
    """Shows who the author follows, or who follows them."""
    for_blockers: bool = False
    """Names a blocked member to the member who blocked them, so that they can unblock."""
    finds_with: tuple[str, ...] = ()
    """The query strings with which the post must be found; all if empty."""
    why: str = ""

    @property
    def found_with(self) -> tuple[str, ...]:
        return self.finds_with or self.queries

    def body_for(self, verb: str) -> dict[str, Any]:
        """Return the body for a method; a DELETE next to other methods has none."""
        return {} if verb == "DELETE" and len(self.verbs) > 1 else self.body

    @property
    def is_api(self) -> bool:
        return self.path.startswith("api/")


def _row(kind: Kind, path: str, verbs: str = "GET", *queries: str, **more: Any) -> Route:
    return Route(path, kind, tuple(verbs.split()), queries or ("",), **more)


def of_post(path: str, verbs: str = "GET", *queries: str, **more: Any) -> Route:
    return _row(Kind.OF_POST, path, verbs, *queries, **more)


def of_member(path: str, verbs: str = "GET", *queries: str, **more: Any) -> Route:
    return _row(Kind.OF_MEMBER, path, verbs, *queries, **more)


def listing(path: str, *queries: str, **more: Any) -> Route:
    return _row(Kind.LISTING, path, "GET", *queries, **more)


def own(path: str, verbs: str = "GET", *queries: str, **more: Any) -> Route:
    return _row(Kind.OWN, path, verbs, *queries, **more)


def owned(path: str, verbs: str = "GET", *queries: str, **more: Any) -> Route:
    return _row(Kind.OWNED, path, verbs, *queries, **more)


def for_moderators(path: str, verbs: str = "GET", *queries: str) -> Route:
    return _row(Kind.MODERATION, path, verbs, *queries)


def nothing(why: str, *paths: str) -> list[Route]:
    return [Route(path, Kind.NOTHING, why=why) for path in paths]


ROUTES: list[Route] = [
    # --- One post ------------------------------------------------------------------------------------------------
    of_post("@<str:username>/<id:post_id>", shows=True),
    of_post("posts/<id:post_id>"),
    of_post("posts/<id:post_id>/card", "GET", "", "focus=1", shows=True),
    of_post("posts/<id:post_id>/media"),
    of_post("posts/<id:post_id>/picture.jpg", as_guest=True, may_miss=True),
    of_post("posts/<id:post_id>/menu"),
    of_post("posts/<id:post_id>/reply", "GET", "", "page"),
    of_post("posts/<id:post_id>/history"),
    of_post("posts/<id:post_id>/embed", may_miss=True),
    of_post("embed/posts/<id:post_id>", shows=True, as_guest=True),
    of_post("posts/<id:post_id>/edit", "GET POST", body={"text": "Another wording"}),
    of_post("posts/<id:post_id>/delete", "GET POST"),
    of_post("posts/<id:post_id>/like", "POST", of_published=True),
    of_post("posts/<id:post_id>/unlike", "POST"),
    of_post("posts/<id:post_id>/pin", "POST"),
    of_post("posts/<id:post_id>/unpin", "POST"),
    of_post("posts/<id:post_id>/poll"),
    of_post("posts/<id:post_id>/vote", "POST", body={"choices": "0"}, of_published=True),
    of_post("posts/<id:post_id>/repost", "GET POST", of_published=True),
    of_post("posts/<id:post_id>/undo-repost", "POST"),
    of_post("posts/<id:post_id>/reposts"),
    of_post("posts/<id:post_id>/quotes"),
    of_post("posts/<id:post_id>/quoting", "GET POST", body={"quote_policy": "nobody"}),
    of_post("posts/<id:post_id>/revoke-quote", "POST"),
    of_post("posts/<id:post_id>/revoke-quotes", "POST"),
    of_post("posts/<id:post_id>/bookmark", "POST", of_published=True),
    of_post("posts/<id:post_id>/unbookmark", "POST"),
    of_post("posts/<id:post_id>/mute-thread", "POST"),
    of_post("posts/<id:post_id>/unmute-thread", "POST"),
    of_post("api/posts/<id:post_id>/mute-thread", "POST DELETE"),
    of_post("posts/<id:post_id>/report", "GET POST", body={"rule": "other", "words": "Look at this"}),
    of_post("api/posts/<id:post_id>", "GET PATCH DELETE", body={"text": "Another wording"}, shows=True),
    of_post("api/posts/<id:post_id>/comments", "GET POST", body={"text": "An answer"}),
    of_post("api/posts/<id:post_id>/like", "POST DELETE", of_published=True),
    of_post("api/posts/<id:post_id>/likes"),
    of_post("api/posts/<id:post_id>/pin", "POST DELETE"),
    of_post("api/posts/<id:post_id>/vote", "POST", body={"choices": [0]}, of_published=True),
    of_post("api/posts/<id:post_id>/repost", "POST DELETE", of_published=True),
    of_post("api/posts/<id:post_id>/reposts"),
    of_post("api/posts/<id:post_id>/quotes", "GET DELETE"),
    of_post("api/posts/<id:post_id>/quotes/<id:quote_id>", "DELETE"),
    of_post("api/posts/<id:post_id>/bookmark", "POST DELETE", of_published=True),
    of_post("api/posts/<id:post_id>/history"),
    of_post("api/posts/<id:post_id>/report", "POST", body={"rule": "other", "words": "Look at this"}),
    # --- One member ----------------------------------------------------------------------------------------------
    of_member("@<str:username>", finds=ORIGINALS, for_blockers=True),
    of_member("@<str:username>/replies", posts=True),
    of_member("@<str:username>/media", posts=True),
    of_member("@<str:username>/feed.atom", posts=True, as_guest=True, everyones=True),
    of_member("@<str:username>/followers", circle=True),
    of_member("@<str:username>/following", circle=True),
    of_member("@<str:username>/follow", "POST"),
    of_member("@<str:username>/unfollow", "POST"),
    of_member("@<str:username>/hide-reposts", "POST"),
    of_member("@<str:username>/unhide-reposts", "POST"),
    of_member("@<str:username>/card"),
    of_member("@<str:username>/followers/known"),
    of_member("@<str:username>/remove-follower", "POST"),
    of_member("@<str:username>/block", "GET POST", for_blockers=True),
    of_member("@<str:username>/unblock", "POST", for_blockers=True),
    of_member("@<str:username>/mute", "GET POST"),
    of_member("@<str:username>/unmute", "POST"),
    of_member("@<str:username>/lists"),
    of_member("follow-requests/@<str:username>/approve", "POST"),
    of_member("follow-requests/@<str:username>/refuse", "POST"),
    of_member("suggestions/<id:user_id>/dismiss", "POST"),
    of_member("suggestions/<id:user_id>/restore", "POST"),
    of_member("api/suggestions/<id:user_id>", "POST DELETE"),
    of_member("api/users/<id:user_id>/mute", "POST DELETE"),
    of_member("api/users/<id:user_id>/followers/known"),
    of_member("api/users/<id:user_id>/block", "POST DELETE", for_blockers=True),
    of_member("api/users/<id:user_id>/follower", "DELETE"),
    of_member("api/follow-requests/<id:user_id>", "POST DELETE", may_miss=True),
    of_member("messages/with/<str:username>", "GET POST", body={"text": "Hello"}),
    of_member("api/profiles/<str:username>"),
    of_member("api/users/<id:user_id>"),
    of_member("api/users/<id:user_id>/follow", "POST DELETE"),
    of_member("api/users/<id:user_id>/hide-reposts", "POST DELETE"),
    of_member("api/users/<id:user_id>/followers", circle=True),
    of_member("api/users/<id:user_id>/following", circle=True),
    of_member("api/users/<id:user_id>/posts", finds=ORIGINALS),
    of_member("api/users/<id:user_id>/replies", posts=True),
    of_member("api/users/<id:user_id>/media", posts=True),
    of_member("api/users/<id:user_id>/pins", posts=True),
    of_member("api/users/<id:user_id>/messages", "POST", body={"text": "Hello"}),
    # --- Lists of posts and members ------------------------------------------------------------------------------
    listing("", "", "tab=for-you", finds=FOLLOWERS, finds_with=("",), home=True),
    listing(
        "explore",
        "",
        "tab=tags",
        "tab=people",
        "tab=people&order=popular",
        "tab=people&order=new",
        "tab=latest",
        finds=ORIGINALS,
        finds_with=("tab=latest",),
        everyones=True,
    ),
    listing("tags/<str:name>", finds=READERS, everyones=True),
    listing("api/tags/<str:name>/posts", "limit=100", finds=READERS, everyones=True),
    listing("about", everyones=True),
    listing("feed.atom", as_guest=True, everyones=True),
    listing("tags/<str:name>/feed.atom", as_guest=True, everyones=True),
    listing("sitemap.xml", as_guest=True, everyones=True),
    listing("sitemap-members.xml", as_guest=True, everyones=True),
    listing("sitemap-posts.xml", as_guest=True, everyones=True),
    listing(
        "search",
        "q=quagga",
        "q=quagga&in=people",
        "q=from:@qauthorprivateq+qua",
        finds=READERS,
        finds_with=("q=quagga",),
        everyones=True,
    ),
    listing("api/latest", "limit=100", finds=ORIGINALS, everyones=True),
    listing("api/instance", everyones=True),
    listing("api/trends", everyones=True),
    listing("api/trends/posts", everyones=True),
    listing(
        "api/search/posts",
        "q=quagga&limit=100",
        "q=from:@qauthorprivateq+qua",
        finds=READERS,
        finds_with=("q=quagga&limit=100",),
        everyones=True,
    ),
    listing("api/search/users", "q=quagga&limit=100"),
    # --- The viewer's own content --------------------------------------------------------------------------------
    own("@<str:username>/likes", finds=LIKERS),
    own("api/likes", "GET", "limit=100", finds=LIKERS),
    own("bookmarks", finds=KEEPERS),
    own("notifications", "GET", "", "tab=mentions"),
    own("notifications/read", "POST"),
    own("notifications/seen", "POST"),
    own("messages"),
    own("reports"),
    own("decisions"),
    own("api/reports", "GET", "limit=100"),
    own("api/decisions", "GET", "limit=100"),
    own("settings"),
    own("settings/profile", "GET POST", body={"display_name": ""}),
    own("settings/account"),
    own("settings/sessions"),
    own("compose"),
    own("drafts", "GET", "", "tab=scheduled"),
    own("autocomplete", "GET", "q=@qauthor", "q=%23qtag"),
    own("api/autocomplete", "GET", "q=@qauthor&limit=100", "q=%23qtag&limit=100", "q=@", "q=%23"),
    own("posts", "POST", body={"text": ""}),
    own("api/timeline", "GET", "limit=100", finds=FOLLOWERS, home=True),
    own("api/feed", home=True),
    own("suggestions"),
    own("suggestions/beside"),
    own("api/suggestions"),
    own("start", "GET POST"),
    own("start/profile", "GET POST"),
    own("start/people"),
    own("start/post", "GET POST", body={"text": ""}),
    own("start/leave", "POST"),
    own("settings/confirm-later", "POST"),
    own("follow-requests"),
    own("follow-requests/approve-all", "POST"),
    own("api/follow-requests", "GET", "", "sent=1"),
    own("api/follow-requests/approve-all", "POST"),
    own("settings/blocked", for_blockers=True),
    own("api/blocks", for_blockers=True),
    own("settings/muted"),
    own("api/mutes"),
    own("settings/words", "GET POST", body={"text": ""}),
    own("api/muted-words", "GET POST", body={"text": ""}),
    own("settings/interests", "GET POST"),
    own("settings/posting", "GET POST"),
    own("api/interests", "GET PUT"),
    own("settings/privacy", "GET POST", body={"may_write": "everyone", "discoverable": "on"}),
    own("settings/notifications", "GET POST"),
    own("api/settings", "GET PATCH"),
    own("settings/invites", "GET POST", body={"note": ""}),
    own("api/invites", "GET POST"),
    own("settings/data"),
    own("settings/data/exports", "POST"),
    own("settings/data/imports", "POST"),
    own("settings/data/follows.csv"),
    own("settings/data/blocks.csv", for_blockers=True),
    own("settings/data/mutes.csv"),
    own("settings/data/bookmarks.csv"),
    own("api/exports", "GET POST", body={"password": "wrong"}),
    own("api/imports"),
    own("api/data/follows.csv", "GET POST"),
    own("api/data/blocks.csv", "GET POST", for_blockers=True),
    own("api/data/mutes.csv", "GET POST"),
    own("api/data/bookmarks.csv", "GET POST"),
    own("settings/delete", "GET POST", body={"password": "wrong"}),
    own("api/account", "DELETE", body={"password": "wrong"}),
    own("tags/<str:name>/follow", "POST"),
    own("tags/<str:name>/unfollow", "POST"),
    own("api/tags/<str:name>/follow", "POST DELETE"),
    own("lists"),
    own("lists/new", "GET POST", body={"title": ""}),
    own("followed-tags"),
    own("api/lists", "GET POST", body={"title": ""}),
    own("api/followed-tags"),
    own("api/bookmarks", finds=KEEPERS),
    own("api/conversations"),
    own("api/notifications", "GET", "limit=100", "in=mentions&limit=100"),
    own("api/notifications/unread"),
    own("api/notifications/read", "POST"),
    own("api/notifications/seen", "POST"),
    own("api/profile", "GET PATCH"),
    own("api/profile/avatar", "PUT DELETE"),
    own("api/profile/cover", "PUT DELETE"),
    own("api/posts", "POST", body={"text": ""}),
    own("api/threads", "POST", body={"posts": []}),
    own("api/drafts", "GET POST", body={"posts": []}),
    own("api/scheduled"),
    own("api/media", "POST"),
    own("api/media/uploads", "POST"),
    own("settings/files", "GET POST"),
    # --- Objects of one member -----------------------------------------------------------------------------------
    owned("settings/sessions/<id:session_id>/name", "POST", body={"name": "Another"}),
    owned("settings/sessions/end", "POST", body={"session": "{session}"}),
    owned("api/media/<id:media_id>", "GET PATCH DELETE", body={"alt": "Another description"}),
    owned("api/media/<id:media_id>/retry", "POST"),
    owned("api/media/<id:media_id>/captions", "PUT DELETE"),
    owned("api/media/uploads/<id:upload_id>", "GET PATCH POST DELETE"),
    owned("settings/files/<id:media_id>/retry", "POST"),
    owned("settings/files/<id:media_id>/captions", "POST"),
    owned("settings/files/<id:media_id>/delete", "POST"),
    owned("messages/<id:conversation_id>"),
    owned("messages/<id:conversation_id>/since"),
    owned("messages/<id:conversation_id>/row"),
    owned("messages/<id:conversation_id>/read", "POST", body={"up_to": "1"}),
    owned("messages/<id:conversation_id>/<id:message_id>/seen"),
    owned("messages/<id:conversation_id>/<id:message_id>/delete", "POST"),
    owned("notifications/<id:notification_id>/open"),
    owned("notifications/<id:notification_id>/read", "POST"),
    owned("notifications/<id:notification_id>/row"),
    owned("notifications/<id:notification_id>/line"),
    owned("settings/words/<id:word_id>", "GET POST", body={"text": "Another"}),
    owned("settings/words/<id:word_id>/remove", "POST"),
    owned("settings/invites/<id:invite_id>/revoke", "POST"),
    owned("api/muted-words/<id:word_id>", "GET PATCH DELETE", body={"text": "Another"}),
    owned("api/invites/<id:invite_id>", "DELETE"),
    owned("lists/<id:list_id>"),
    owned("lists/<id:list_id>/people"),
    owned("lists/<id:list_id>/people/<str:username>/add", "POST"),
    owned("lists/<id:list_id>/people/<str:username>/remove", "POST"),
    owned("lists/<id:list_id>/edit", "GET POST", body={"title": "Another", "replies": "none"}),
    owned("lists/<id:list_id>/delete", "GET POST"),
    owned("api/lists/<id:list_id>", "GET PATCH DELETE", body={"title": "Another"}),
    owned("api/lists/<id:list_id>/members", "GET POST", body={"user": "{user_id}"}),
    owned("api/lists/<id:list_id>/members/<id:user_id>", "DELETE"),
    owned("api/lists/<id:list_id>/timeline"),
    owned("drafts/<id:draft_id>", "GET POST", body={"text": "Another"}),
    owned("drafts/<id:draft_id>/publish", "POST"),
    owned("drafts/<id:draft_id>/unschedule", "POST"),
    owned("drafts/<id:draft_id>/delete", "GET POST"),
    owned("api/drafts/<id:draft_id>", "GET PATCH DELETE", body={"posts": [{"text": "Another"}]}),
    owned("api/drafts/<id:draft_id>/publish", "POST"),
    owned("api/conversations/<id:conversation_id>/messages"),
    owned("api/conversations/<id:conversation_id>/read", "POST"),
    owned("api/conversations/<id:conversation_id>/messages/<id:message_id>", "DELETE"),
    owned("api/notifications/<id:notification_id>/read", "POST"),
    owned("settings/data/exports/<id:export_id>"),
    owned("settings/data/exports/<id:export_id>/delete", "POST"),
    owned("settings/data/imports/<id:import_id>"),
    owned("settings/data/imports/<id:import_id>/confirm", "POST"),
    owned("settings/data/imports/<id:import_id>/drop", "POST"),
    owned("settings/data/imports/<id:import_id>/file"),
    owned("api/exports/<id:export_id>", "GET DELETE"),
    owned("api/exports/<id:export_id>/file"),
    owned("api/imports/<id:import_id>"),
    owned("api/imports/<id:import_id>/rows"),
    owned("api/imports/<id:import_id>/file"),
    # --- Moderators and staff ------------------------------------------------------------------------------------
    for_moderators("moderation", "GET", "", "tab=reports", "tab=new", "tab=decided"),
    for_moderators("moderation/log", "GET", "", "by=people"),
    for_moderators("moderation/posts/<id:post_id>"),
    for_moderators("moderation/posts/<id:post_id>/decide", "POST"),
    for_moderators("moderation/trends", "GET", "", "state=decided"),
    for_moderators("moderation/trends/hide", "POST"),
    for_moderators("moderation/trends/<id:trend_id>/decide", "POST"),
    for_moderators("moderation/rules", "GET", "", "pattern=quagga", "rule=en-threat"),
    for_moderators("moderation/rules/new", "POST"),
    for_moderators("moderation/rules/<id:rule_id>", "POST"),
    for_moderators("moderation/rules/<id:rule_id>/delete", "POST"),
    for_moderators("moderation/rules/built-in/<slug:key>", "POST"),
    for_moderators("api/moderation"),
    for_moderators("api/moderation/cases", "GET", "", "tab=reports", "tab=decided"),
    for_moderators("api/moderation/posts/<id:post_id>"),
    for_moderators("api/moderation/posts/<id:post_id>/decide", "POST"),
    for_moderators("api/moderation/reports", "GET", "", "state=decided"),
    for_moderators("api/moderation/log", "GET", "", "by=people"),
    for_moderators("api/moderation/trends", "GET POST", "", "state=decided"),
    for_moderators("api/moderation/trends/<id:trend_id>/decide", "POST"),
    for_moderators("api/moderation/word-rules", "GET POST"),
    for_moderators("api/moderation/word-rules/trial", "GET", "pattern=quagga"),
    for_moderators("api/moderation/word-rules/<id:rule_id>", "GET PATCH DELETE"),
    for_moderators("api/moderation/built-in-rules"),
    for_moderators("api/moderation/built-in-rules/<slug:key>", "PATCH DELETE"),
    for_moderators("api/moderation/built-in-rules/<slug:key>/trial"),
    for_moderators("moderation/signups"),
    for_moderators("moderation/signups/<id:user_id>/decide", "POST"),
    for_moderators("api/moderation/signups"),
    for_moderators("api/moderation/signups/<id:user_id>/decide", "POST"),
    Route("admin/", Kind.STAFF, why="Everything below it, too: one rule, AdminSite.has_permission."),
    # --- Nothing -------------------------------------------------------------------------------------------------
    *nothing(
        "says whether the process and its database answer", "health/live", "health/ready", "health/jobs"
    ),
    *nothing("shows components with made-up content, in development", "style"),
    *nothing("says the sentences of the scripts in another language", "words/<slug:language>.js"),
    *nothing("says to crawlers where to look", "robots.txt", "sitemap-pages.xml"),
    *nothing("looked through by its streams, which are listed below", "live/since"),
    *nothing("chooses light or dark, for visitors too", "settings/appearance"),
    *nothing("chooses the language, for visitors too", "settings/language"),
    *nothing("takes notes of what was seen and answers nothing", "api/track"),
    *nothing("shows the community's rules", "api/rules"),
    *nothing("shows the topics that one may choose from", "api/topics"),
    *nothing("says that moderators have not decided yet on whoever asked to join", "accounts/waiting"),
    *nothing(
        "says goodbye, and lets a person who signs in with their password come back",
        "goodbye",
        "welcome-back",
    ),
    *nothing(
        "is for whoever was given the link, and leads to sign-up; names who invites", "invite/<str:code>"
    ),
    *nothing(
        "tells other sites of a post that its query string names; tests/visibility/test_link_cards.py",
        "oembed",
    ),
    *nothing("describes the API", "api/schema", "api/docs"),
    *nothing(
        "serves pictures by a name drawn at random, known to whoever was shown it; pictures are of profiles, and of a "
        "private member's profile too everybody sees the picture",
        "media/<path:name>",
    ),
    *nothing(
        "serves files of posts at addresses that were signed for whoever could see the post, and end within minutes; "
        "tests/media/test_addresses.py",
        "attachments/<str:key>",
    ),
    *nothing(
        "is for whoever was written to, and names the account of that address",
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$",
        "accounts/email/stop/<str:key>",
    ),
    *nothing(
        "sends on to settings/sessions",
        "accounts/sessions/",
    ),
    *nothing(
        "shows forms, and to a member what they have set up themselves; what it says about addresses of others is "
        "tested in tests/accounts",
        "accounts/login/",
        "accounts/logout/",
        "accounts/inactive/",
        "accounts/signup/",
        "accounts/signup/username",
        "accounts/reauthenticate/",
        "accounts/email/",
        "accounts/confirm-email/",
        r"accounts/^confirm-email/(?P<key>[-:\w]+)/$",
        "accounts/password/change/",
        "accounts/password/set/",
        "accounts/password/reset/",
        "accounts/password/reset/done/",
        "accounts/password/reset/key/done/",
        r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        "accounts/login/code/confirm/",
        "accounts/2fa/",
        "accounts/2fa/authenticate/",
        "accounts/2fa/reauthenticate/",
        "accounts/2fa/totp/activate/",
        "accounts/2fa/totp/deactivate/",
        "accounts/2fa/recovery-codes/",
        "accounts/2fa/recovery-codes/generate/",
        "accounts/2fa/recovery-codes/download/",
        "accounts/2fa/webauthn/",
        "accounts/2fa/webauthn/add/",
        "accounts/2fa/webauthn/reauthenticate/",
        "accounts/2fa/webauthn/login/",
    ),
    owned("accounts/2fa/webauthn/keys/<int:pk>/remove/", "GET POST"),
    owned("accounts/2fa/webauthn/keys/<int:pk>/edit/", "GET POST"),
    *nothing(
        "leads to a provider of sign-in and back; shows a member their own connections",
        "accounts/3rdparty/",
        "accounts/3rdparty/signup/",
        "accounts/3rdparty/login/cancelled/",
        "accounts/3rdparty/login/error/",
        "accounts/social/login/cancelled/",
        "accounts/social/login/error/",
        "accounts/social/signup/",
        "accounts/social/connections/",
        "accounts/google/login/",
        "accounts/google/login/callback/",
        "accounts/google/login/token/",
        "accounts/github/login/",
        "accounts/github/login/callback/",
        "accounts/oidc/^(?P<provider_id>[^/]+)/login/",
        "accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/",
    ),
    *nothing(
        "signs apps in; the same rules as the pages under accounts/",
        "_allauth/app/v1/config",
        "_allauth/app/v1/auth/session",
        "_allauth/app/v1/auth/reauthenticate",
        "_allauth/app/v1/auth/code/confirm",
        "_allauth/app/v1/auth/password/request",
        "_allauth/app/v1/auth/password/reset",
        "_allauth/app/v1/auth/login",
        "_allauth/app/v1/auth/signup",
        "_allauth/app/v1/auth/email/verify",
        "_allauth/app/v1/auth/email/verify/resend",
        "_allauth/app/v1/auth/phone/verify",
        "_allauth/app/v1/auth/phone/verify/resend",
        "_allauth/app/v1/auth/provider/signup",
        "_allauth/app/v1/auth/provider/redirect",
        "_allauth/app/v1/auth/provider/token",
        "_allauth/app/v1/auth/2fa/authenticate",
        "_allauth/app/v1/auth/2fa/reauthenticate",
        "_allauth/app/v1/auth/webauthn/authenticate",
        "_allauth/app/v1/auth/webauthn/reauthenticate",
        "_allauth/app/v1/auth/webauthn/login",
        "_allauth/app/v1/tokens/refresh",
    ),
    *nothing(
        "reads and changes what belongs to the bearer of the token, found by the session and not by an id of others",
        "_allauth/app/v1/auth/sessions",
        "_allauth/app/v1/account/password/change",
        "_allauth/app/v1/account/email",
        "_allauth/app/v1/account/phone",
        "_allauth/app/v1/account/providers",
        "_allauth/app/v1/account/authenticators",
        "_allauth/app/v1/account/authenticators/totp",
        "_allauth/app/v1/account/authenticators/recovery-codes",
        "_allauth/app/v1/account/authenticators/webauthn",
    ),
]


# --- Live ----------------------------------------------------------------------------------------------------------

SOCKETS: dict[str, str] = {
    "ws/live": "one socket for every page; shows what its streams say",
}


@dataclass(frozen=True)
class LiveStream:
    kind: Kind
    shows: str


STREAMS: dict[str, LiveStream] = {
    "post": LiveStream(Kind.OF_POST, "numbers and changes of one post"),
    "member": LiveStream(Kind.OWNED, "notifications and messages of one member, for that member only"),
}


# --- Jobs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """`shown_at` names the routes ("GET" rows above) and streams ("post.*") that show the result of the job; `why`
    says why none does.
    """

    shown_at: tuple[str, ...] = ()
    why: str = ""


def shown(*where: str) -> Job:
    return Job(where)


def unseen(why: str) -> Job:
    return Job(why=why)


NOTIFICATIONS = ("notifications", "api/notifications", "api/notifications/unread", "member.*")
SEARCH = ("search", "api/search/posts", "api/search/users")
TRENDS = ("explore", "api/trends", "api/trends/posts")

JOBS: dict[str, Job] = {
    # Of core.
    "core.events.deliver": unseen("hands events to the subscribers below"),
    "core.events.deliver_many": unseen("hands events to the subscribers below"),
    "core.tasks.relay": unseen("sends deliver_many"),
    "core.tasks.heartbeat": unseen("writes down that a queue is worked off"),
    "core.tasks.delete_expired": unseen("deletes delivered events, keys and mails"),
    "core.mail.send_queued_mail": unseen("sends a mail that is written"),
    "core.tasks.send_due_mails": unseen("sends mails that are written"),
    # Of accounts.
    "media.tasks.delete_discarded": unseen("deletes files that no row names"),
    "media.tasks.discard_unattached": unseen("deletes uploads without a post, which only their owner sees"),
    "media.tasks.encode": unseen("makes what can be played of an upload, which only its owner sees"),
    "media.tasks.encode_waiting": unseen("sends encode"),
    "social.tasks.delete_expired_mutes": unseen("deletes mutes that ran out a month ago"),
    "accounts.tasks.close_sockets": unseen("closes sockets"),
    "accounts.tasks.erase_due_members": unseen("sends erase_member"),
    "accounts.tasks.erase_member": unseen("deletes"),
    "accounts.tasks.make_waiting_exports": unseen("sends make_export, and deletes"),
    "accounts.tasks.make_export": unseen(
        "a file for its owner: what is in it, tests/accounts/test_export.py says"
    ),
    "accounts.tasks.run_waiting_imports": unseen("sends run_import, and deletes"),
    "accounts.tasks.run_import": unseen("follows, blocks, mutes and bookmarks for its owner, as buttons do"),
    "search.tasks.delete_unused_terms": unseen("deletes"),
    # Of posts.
    "posts.tasks.fetch_due_link_cards": unseen("sends fetch_link_card"),
    "posts.tasks.fetch_link_card": unseen(
        "stores what another site says; tests/visibility/test_link_cards.py"
    ),
    "posts.tasks.delete_unused_link_cards": unseen("deletes"),
    "posts.tasks.publish_change": shown("post.*"),
    "posts.tasks.publish_counts": shown("post.*"),
    "posts.tasks.publish_quotes_changed": shown("post.*"),
    "posts.tasks.publish_hidden": shown("post.*"),
    "posts.tasks.publish_parent_counts": shown("post.*"),
    "posts.tasks.publish_counts_around": shown("post.*"),
    "posts.tasks.count_views": unseen("adds to a number that only the author of a post sees"),
    "posts.tasks.end_polls": shown("post.*", *NOTIFICATIONS),
    "posts.tasks.send_draft": shown("@<str:username>", "api/latest", "api/drafts"),
    "posts.tasks.send_due_drafts": unseen("sends send_draft"),
    # Of messaging.
    "messaging.tasks.recount_unread": shown("member.*"),
    "messaging.tasks.publish_unread_count_of_muter": shown("member.*"),
    "messaging.tasks.publish_unread_counts_of_both": shown("member.*"),
    # Of moderation.
    "moderation.tasks.review_post": shown("moderation"),
    "moderation.tasks.close_case_of_deleted_post": shown("moderation"),
    "moderation.tasks.run_review": shown("moderation", "moderation/log"),
    "moderation.tasks.review_posts_of_public_account": unseen("sends review_withheld"),
    "moderation.tasks.review_withheld": unseen("sends run_review"),
    "moderation.tasks.sweep_reviews": shown("moderation", "moderation/log"),
    # Of feed.
    "feed.tasks.compute_trends": shown(*TRENDS),
    "feed.tasks.remove_from_trends": shown(*TRENDS),
    "feed.tasks.apply_trend_decision": shown(*TRENDS),
    "feed.tasks.compute_suggestions": shown(
        "suggestions", "suggestions/beside", "start/people", "api/suggestions"
    ),
    "feed.tasks.refill_suggestions": shown("suggestions", "start/people", "api/suggestions"),
    "feed.tasks.suggest_after_interests": shown("suggestions", "start/people", "api/suggestions"),
    "feed.tasks.suggest_after_dismissal": shown("suggestions", "start/people", "api/suggestions"),
    "feed.tasks.suggest_after_follow": shown("suggestions", "start/people", "api/suggestions"),
    "feed.tasks.suggest_after_request": shown("suggestions", "start/people", "api/suggestions"),
    "feed.tasks.refresh_sidebar_tags": unseen("forgets what was kept of a member's muted words"),
    "feed.tasks.train_ranker": shown("", "api/feed"),
    # Of notifications.
    "notifications.tasks.notify_author_of_like": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_author_of_repost": shown(*NOTIFICATIONS),
    "notifications.tasks.withdraw_repost": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_author_of_quote": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_author_of_decision": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_author_of_unsent": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_reporter": shown(*NOTIFICATIONS),
    "notifications.tasks.withdraw_outcome": shown(*NOTIFICATIONS),
    "notifications.tasks.recount_unread_of_muter": shown(*NOTIFICATIONS),
    "notifications.tasks.mark_muted_as_read": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_author_of_reply": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_mentioned_members": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_of_ended_poll": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_of_changed_poll": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_followed_member": shown(*NOTIFICATIONS),
    "notifications.tasks.withdraw_like": shown(*NOTIFICATIONS),
    "notifications.tasks.withdraw_follow": shown(*NOTIFICATIONS),
    "notifications.tasks.recount_unread": shown("member.*"),
    "notifications.tasks.recount_unread_by": shown("member.*"),
    "notifications.tasks.delete_withdrawn": unseen("deletes what nobody sees"),
    # Of search.
    "search.tasks.index_post": shown(*SEARCH),
    "search.tasks.index_member": shown(*SEARCH),
    "search.tasks.index_author": shown(*SEARCH),
    "search.tasks.continue_author": shown(*SEARCH),
    "search.tasks.update_follower_count": shown(*SEARCH),
    "search.tasks.update_followees": shown(*SEARCH),
    "search.tasks.continue_followees": shown(*SEARCH),
    "search.tasks.push_pending": shown(*SEARCH),
    "search.tasks.sweep": shown(*SEARCH),
    "search.tasks.renew_index": shown(*SEARCH),
    "social.tasks.recheck_sockets_of_strangers": unseen("makes sockets look again at what they may follow"),
    "social.tasks.recheck_sockets_of_former_follower": unseen(
        "makes sockets look again at what they may follow"
    ),
    "social.tasks.recheck_sockets_of_both": unseen("makes sockets look again at what they may follow"),
    "social.tasks.approve_next_requests": shown("follow-requests"),
    "notifications.tasks.withdraw_request": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_of_follow_request": shown(*NOTIFICATIONS),
    "notifications.tasks.notify_of_approval": shown(*NOTIFICATIONS),
    "notifications.tasks.recount_unread_of_both": shown("member.*"),
    "notifications.tasks.recount_unread_about": shown("member.*"),
    "feed.tasks.remove_private_from_trends": shown(*TRENDS),
    "feed.tasks.remove_closed_from_trends": shown(*TRENDS),
}


# --- Not built yet --------------------------------------------------------------------------------------------------

NOT_BUILT: dict[str, tuple[str, ...]] = {
    "web push": ("push", "subscription"),
    "the digest by mail": ("digest", "unsubscribe"),
    "tokens with scopes": ("oauth", "scope", "tokens/"),
    "the Mastodon API": ("api/v1", "api/v2", "nodeinfo", "webfinger"),
}
"""Features that are not built yet, with words that their routes will contain. When such a route appears without a row,
the test of the manifest names the feature.
"""
