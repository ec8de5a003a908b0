"""Write the demo community with the actions of all apps. A second run adds nothing."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from accounts.actions import import_interests, import_member
from accounts.models import Member
from accounts.queries import topics as site_topics
from core.events import deliver_pending
from core.http import site_url
from core.ids import id_at
from core.refusals import Invalid, NotFound
from demo.members import DemoMember, generate_follows, generate_members
from demo.polls import DemoPoll, generate_polls
from demo.portraits import landscape, portrait
from demo.posts import (
    DemoPost,
    add_reactions,
    conversations,
    generate_posts,
    read_corpus,
    reported_posts,
    with_replies,
)
from demo.relations import DemoRelations, Pairs, relations
from demo.scenes import POSTS as SCENES
from demo.scenes import PicturePost
from demo.source import source, topics
from feed.actions.suggestions import compute_suggestions_for
from feed.actions.tracking import import_views
from media.actions import change_avatar, change_cover, upload_attachment
from messaging.actions import send_message
from moderation.actions import report_post
from posts.actions import (
    ImportedPoll,
    ImportedPost,
    create_draft,
    follow_tag,
    import_likes,
    import_media,
    import_polls,
    import_posts,
    like_post,
    pin_post,
    recount_posts,
    repost_post,
    write_post,
)
from posts.languages import guess_language
from posts.models import Post
from posts.options import PostContent, PostOptions
from posts.polls import PollOptions
from posts.quoting import why_no_quote
from social.actions import (
    block_member,
    follow_member,
    import_follows,
    mute_member,
    mute_word,
    recount_follows,
    set_private,
    unfollow_member,
)
from social.actions.lists import add_to_list, create_list
from social.models import List

DRAFTS: Sequence[tuple[Sequence[str], timedelta | None]] = (
    (
        (
            "How I keep slugs off the lettuce, in three steps.",
            "First: a ring of coffee grounds. It looks odd and smells of breakfast.",
            "Second: a board to hide under. Turn it over every morning.",
        ),
        None,
    ),
    (("Has anyone read the new one by the lighthouse author? I'm only halfway, but",), None),
    (
        ("Good morning! The market opens at nine today, and the first strawberries are in.",),
        timedelta(days=2),
    ),
)
"""The demo member's drafts: the posts of each, and in how long it goes out."""
PASSWORD = "kith-demo"
MEMBER, ADMIN = "ana_d", "admin"
CHUNK_SIZE = 2000
QUOTES = (
    "This. Read it twice.",
    "My grandmother used to say the same, in fewer words.",
    "Has anyone here tried it? I would join.",
)
EXAMPLES: Sequence[Mapping[str, Any]] = (
    {
        "text": "Finished it on the night train. The lamp was never lit, and he knew all along.",
        "content_warning": "The end of “The Lighthouse Keeper”",
    },
    {
        "text": "Dinner at ours on Friday, the door is open from seven. Bring a chair if you have one.",
        "visibility": Post.Visibility.FOLLOWERS,
    },
    {"text": "Zum ersten Mal Brot gebacken, und es ist tatsächlich aufgegangen. Ich bin stolz wie Oskar."},
    {
        "text": "Who can lend me a ladder on Sunday? I'll bring it back with a cake on it.",
        "reply_policy": Post.ReplyPolicy.FOLLOWERS,
    },
    {"text": "Notes for those who have the address: the old map is on page two.", "visibility": "unlisted"},
)
"""What authors can choose: each by another member whom the demo member follows."""
Progress = Callable[[str, int, int], None]
"""Called with the step, how much of it is done, and how much there is (0: unknown)."""


class DemoBuilder:
    """Builds the community of a seed. `ids` are the ids of the members, in the order of `members`."""

    def __init__(self, *, member_count: int, seed: int, progress: Progress) -> None:
        self.now, self.rng, self.progress = timezone.now(), random.Random(seed), progress
        self.members = generate_members(member_count, now=self.now, rng=self.rng)
        self.follows: Pairs = generate_follows(self.members, rng=self.rng)
        self.relations: DemoRelations = relations(self.members, self.follows, rng=random.Random(seed))
        self.ids: list[int] = []

    def build(self, *, post_count: int, corpus: Path | None) -> int:
        """Write everything. Return the number of posts."""
        self.ids = self._import_members()
        import_interests(
            (self.ids[i], topic) for i, member in enumerate(self.members) for topic in _site_topics_of(member)
        )
        self._step("follows")
        self._import_follows()
        self._step("posts")
        posts = self._generate_posts(post_count, corpus)
        polls = self._add_polls(posts)
        post_ids = self._import_posts(posts)
        examples = self._import_examples() + self._add_pictures(SCENES[: max(1, post_count // 300)])
        self._import_polls(polls, post_ids)
        self._step("likes")
        self._import_reactions(posts, post_ids)
        self._step("search index")
        call_command("reindex", stdout=StringIO())
        self._step("trends")
        call_command("trends", stdout=StringIO())
        self._step("recent activity")
        self._add_recent_activity()
        self._step("relations")
        self._add_relations()
        return len(posts) + examples

    def _step(self, step: str, done: int = 0, total: int = 0) -> None:
        self.progress(step, done, total)

    def _import_members(self) -> list[int]:
        found: dict[str, int] = dict(Member.objects.values_list("username", "id"))
        for i, one in enumerate(self.members):
            self._step("members", i + 1, len(self.members))
            if one.username in found:
                continue
            member = import_member(
                username=one.username,
                joined_at=one.joined_at,
                password=PASSWORD if one.username == MEMBER else None,
                email=f"{one.username}@demo.example",
                display_name=one.display_name,
                bio=one.bio,
                location=one.location,
                is_verified=one.pull > 14,
                is_private=i in self.relations.private,
            )
            change_avatar(member=member, file=_upload(portrait(one.username)), by=member)
            change_cover(member=member, file=_upload(landscape(one.username)), by=member)
            found[one.username] = member.id
        if ADMIN not in found:
            _import_admin()
        return [found[one.username] for one in self.members]

    def _import_follows(self) -> None:
        import_follows(
            (
                self.ids[a],
                self.ids[b],
                max(self.members[a].joined_at, self.members[b].joined_at)
                + timedelta(hours=self.rng.random() * 48),
            )
            for a, b in self.follows
        )
        recount_follows()

    def _generate_posts(self, count: int, corpus: Path | None) -> list[DemoPost]:
        if corpus is not None:
            posts = read_corpus(corpus, self.members, now=self.now, rng=self.rng)
        else:
            originals = generate_posts(self.members, count, now=self.now, rng=self.rng)
            posts = with_replies(originals, self.members, now=self.now, rng=self.rng)
        add_reactions(posts, self.members, self.follows, rng=self.rng)
        return posts

    def _add_polls(self, posts: list[DemoPost]) -> list[DemoPoll]:
        """Add the posts of the polls at the end, by people whom the demo member follows as far as possible."""
        hidden = {0, *self.relations.private, *(i for pair in self.relations.blocks for i in pair)}
        followed = [
            followee for follower, followee in self.follows if follower == 0 and followee not in hidden
        ]
        open_to_all = [i for i in range(len(self.members)) if i not in hidden]
        authors = sorted(followed) if len(followed) > 4 else open_to_all
        polls = generate_polls(self.members, authors, now=self.now, rng=random.Random(len(posts)))
        for poll in polls:
            readers = list(poll.votes)
            posts.append(
                DemoPost(
                    poll.author, poll.text, poll.at, likers=readers[: len(readers) // 2], viewers=readers
                )
            )
        return polls

    def _import_polls(self, polls: list[DemoPoll], post_ids: list[int]) -> None:
        import_polls(
            ImportedPoll(
                post_id=post_id,
                poll=PollOptions(
                    options=poll.options, multiple=poll.multiple, hide_results=poll.hide_results
                ),
                expires_at=poll.expires_at,
                votes={self.ids[i]: choices for i, choices in poll.votes.items()},
            )
            for poll, post_id in zip(polls, post_ids[-len(polls) :] if polls else [], strict=True)
        )

    def _import_posts(self, posts: list[DemoPost]) -> list[int]:
        """Import the posts with ids that sort by time, parents before replies. Return the ids."""
        taken: set[int] = set()
        post_ids: list[int] = []
        roots: list[int | None] = []
        rows: list[ImportedPost] = []
        for post in posts:
            post_id = id_at(post.at)
            while post_id in taken:
                post_id += 1
            taken.add(post_id)
            parent = post.reply_to
            root = None if parent is None else (roots[parent] or post_ids[parent])
            post_ids.append(post_id)
            roots.append(root)
            rows.append(
                ImportedPost(
                    id=post_id,
                    author_id=self.ids[post.author],
                    text=post.text,
                    at=post.at,
                    language=guess_language(post.text, likely="en"),
                    in_reply_to_id=None if parent is None else post_ids[parent],
                    root_id=root,
                )
            )
        done = 0
        for start in range(0, len(rows), CHUNK_SIZE):
            done += import_posts(rows[start : start + CHUNK_SIZE])
            self._step("posts", done, len(rows))
        return post_ids

    def _import_examples(self) -> int:
        """Import posts that show what authors can choose, by people whom the demo member follows. Return how many."""
        followed = [b for a, b in self.follows if a == 0 and b not in self._private_or_blocked_places()]
        rows = [
            ImportedPost(
                id=id_at(at := self.now - timedelta(minutes=25 + 70 * n)),
                author_id=self.ids[author],
                at=at,
                language=guess_language(str(example["text"]), likely="en"),
                **example,
            )
            for n, (author, example) in enumerate(zip(followed, EXAMPLES, strict=False))
        ]
        return import_posts(rows)

    def _add_pictures(self, scenes: Sequence[PicturePost]) -> int:
        """Import posts of today with pictures, by people whom the demo member follows. Return how many."""
        apart = self._private_or_blocked_places()
        followed = [self.ids[b] for a, b in self.follows if a == 0 and b not in apart]
        others = [member_id for place, member_id in enumerate(self.ids) if place not in apart]
        rng = random.Random(len(others))
        number = -1
        for number, (scene, author_id) in enumerate(zip(scenes, reversed(followed), strict=False)):
            self._step("pictures", number + 1, len(scenes))
            author = Member.objects.get_queryset().get(pk=author_id)
            at = self.now - timedelta(minutes=7 + 23 * number)
            post_id = id_at(at)
            import_posts(
                [ImportedPost(id=post_id, author_id=author_id, text=scene.text, at=at, language="en")]
            )
            made = [
                upload_attachment(by=author, file=BytesIO(draw(f"{number} {alt}")), alt=alt).pk
                for draw, alt in scene.pictures
            ]
            import_media(post_id=post_id, ids=made)
            fans = rng.sample(others, k=min(3 + 2 * number, len(others)))
            import_likes([(post_id, fan, at + timedelta(seconds=90 * n)) for n, fan in enumerate(fans)])
        return number + 1

    def _import_reactions(self, posts: list[DemoPost], post_ids: list[int]) -> None:
        """Import views and likes; a like comes some seconds after the view."""
        views: list[tuple[int, int, datetime]] = []
        likes: list[tuple[int, int, datetime]] = []
        for post, post_id in zip(posts, post_ids, strict=True):
            likers = set(post.likers)
            for viewer in post.viewers:
                at = post.at + timedelta(minutes=self.rng.expovariate(1 / 180))
                if at < self.now:
                    views.append((self.ids[viewer], post_id, at))
                    if viewer in likers:
                        liked_at = min(at + timedelta(seconds=self.rng.randint(2, 40)), self.now)
                        likes.append((post_id, self.ids[viewer], liked_at))
        import_views(views)
        import_likes(likes)
        recount_posts()

    def _add_recent_activity(self) -> None:
        """Like, reply, follow, message and report now, so the demo member has real notifications."""
        me = Member.objects.get(username=MEMBER)
        own = list(Post.objects.visible_to(me).by_author(me).originals().newest_first()[:4])
        uninvolved = Member.objects.visible_to(me).exclude(pk__in=self._private_or_blocked())
        others = list(uninvolved.exclude(username=ADMIN).order_by("-id")[:14])
        if not me.is_private:
            _notify(me, others, own)
        _repost_and_quote(others)
        if len(others) > 8:
            for other, texts in conversations(others[3:6]):
                for is_mine, text in texts:
                    send_message(by=me if is_mine else other, to=other if is_mine else me, text=text)
            for author, reporter, text, rule, comment in reported_posts(others[6:]):
                _report(author, reporter, text, rule, comment)
            recount_posts()
        for member in (me, *others[:4]):
            # Their most liked post.
            own_posts = Post.objects.visible_to(member).by_author(member).originals()
            for post in own_posts.filter(state=Post.State.PUBLISHED).order_by("-likes_count")[:1]:
                pin_post(post=post, by=member)
        _share(others[9:])
        admin = Member.objects.get(username=ADMIN)
        for other in others:
            follow_member(member=other, by=admin)
        _save_drafts(me)
        deliver_pending()

    def _private_or_blocked(self) -> set[int]:
        return {self.ids[i] for i in self._private_or_blocked_places()}

    def _private_or_blocked_places(self) -> set[int]:
        """Return the indexes of such members, and of the demo member."""
        blocked = (i for pair in self.relations.blocks for i in pair)
        return {0, *self.relations.private, *blocked}

    def _add_relations(self) -> None:
        """Add requests, blocks and mutes, and the demo member’s lists, hashtags and muted words."""
        by_id = {member.pk: member for member in Member.objects.get_queryset().filter(pk__in=self.ids)}
        members = [by_id[member_id] for member_id in self.ids]
        me = members[0]
        set_private(by=me, private=True)
        for blocker, blocked in self.relations.blocks:
            block_member(member=members[blocked], by=members[blocker])
        for requester, asked in self.relations.requests:
            follow_member(member=members[asked], by=members[requester])
        for muter, muted in self.relations.mutes:
            mute_member(member=members[muted], by=members[muter])
        for word, act in self.relations.muted_words:
            with suppress(Invalid):  # It’s already muted.
                mute_word(by=me, text=word, act=act)
        for title, entries in self.relations.lists:
            list_ = List.objects.visible_to(me).filter(title=title).first() or create_list(by=me, title=title)
            for i in entries:
                add_to_list(list_=list_, member=members[i], by=me)
        for name in self.relations.followed_tags:
            with suppress(NotFound):  # No post of a small community may have it.
                follow_tag(name=name, by=me)
        deliver_pending()
        for member in (me, Member.objects.get(username=ADMIN)):
            compute_suggestions_for(member=member)


def _import_admin() -> None:
    admin = import_member(
        username=ADMIN,
        joined_at=timezone.now() - timedelta(days=700),
        password=PASSWORD,
        email="admin@demo.example",
        display_name="Kith team",
        bio="Runs this site and moderates it.",
        is_staff=True,
        is_superuser=True,
        is_moderator=True,
    )
    change_avatar(member=admin, file=_upload(portrait(ADMIN)), by=admin)


def _save_drafts(me: Member) -> None:
    for texts, later in DRAFTS:
        create_draft(
            by=me,
            posts=[PostContent(text=text) for text in texts],
            scheduled_at=timezone.now() + later if later else None,
        )


def _notify(me: Member, others: list[Member], own: list[Post]) -> None:
    """Let others like the demo member’s posts, reply, and follow again, before the account becomes private."""
    for i, other in enumerate(others):
        if own:
            like_post(post=own[i % len(own)], by=other)
    for other, text in zip(
        others, ["How did you do that?", "You made my day with this.", "Same here."], strict=False
    ):
        if own:
            write_post(by=other, text=f"@{me.username} {text}", in_reply_to=own[0])
    for other in others[:3]:
        unfollow_member(member=me, by=other)
        follow_member(member=me, by=other)


def _share(others: list[Member]) -> None:
    """Let others link to posts and profiles of the community, which shows their cards."""
    liked = Post.objects.visible_to(None).listed().originals().exclude(author__in=others)
    paths = [str(post.path) for post in liked.with_card_fields().order_by("-likes_count", "-id")[:4]]
    profiles = [path.rpartition("/")[0] for path in paths[2:]]
    texts = [*zip(source()["shared_posts"], paths, strict=False)]
    texts += zip(source()["shared_profiles"], profiles, strict=False)
    for other, (text, path) in zip(others, texts, strict=False):
        write_post(by=other, text=f"{text} {site_url(path)}")


def _repost_and_quote(others: list[Member]) -> None:
    """Let others repost and quote what is liked most of what people here wrote lately, each a few."""
    posts = Post.objects.visible_to(None).listed().originals().exclude(author__in=others)
    popular = list(posts.select_related("author").order_by("-likes_count", "-id")[:6])
    for i, other in enumerate(others):
        for post in popular[i % 3 : 4 : 2]:
            repost_post(post=post, by=other)
    for other, post, text in zip(others[1:], popular[3:], QUOTES, strict=False):
        if not why_no_quote(post, other):
            write_post(by=other, text=text, options=PostOptions(quote_of=post.pk))


def _report(author: Member, reporter: Member, text: str, rule: str, comment: str) -> None:
    # A post of yesterday: a rude one should not be the first thing that a visitor reads.
    at = timezone.now() - timedelta(hours=26)
    post = ImportedPost(id=id_at(at), author_id=author.id, text=text, at=at)
    import_posts([post])
    report_post(post=Post.objects.get(pk=post.id), by=reporter, rule=rule, comment=comment)


def _site_topics_of(member: DemoMember) -> list[str]:
    """Return the keys of the site’s topics that share a hashtag with the member’s interests."""
    tags = {topic["name"]: set(topic["tags"]) for topic in topics()}
    interesting = set().union(*(tags[name] for name in member.interests))
    return [topic.key for topic in site_topics() if interesting & set(topic.tags)]


def _upload(picture: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("picture.png", BytesIO(picture).getvalue(), "image/png")
