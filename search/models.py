"""The index that the database itself searches. It is read model only: `manage.py reindex` makes it anew."""

from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Member
from core.fields import SnowflakeField
from posts.models import Post
from search.words import WORD_MAX

HEAD, TAIL = 2, 3
"""How many letters of its beginning and of its end a word is looked up by when another one is misspelled."""


class PostDocument(models.Model):
    """The words (search.words) that a published post of an open account is found by, separated by spaces.

    What makes them quick to search stands beside in SQL (migrations 0002 and 0004): FTS5 tables kept by triggers on
    SQLite, a generated tsvector column with GIN indexes on PostgreSQL; of each one for what everyone may find, and one
    for what has an `audience`.
    """

    # Without a constraint in the database: the index may be behind, and is never in the way.
    post = models.OneToOneField(
        Post, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    audience = models.BigIntegerField(
        null=True, help_text="Private account whose followers can find it. Empty: everyone."
    )
    words = models.TextField(help_text="Of the text.")
    author_words = models.TextField(help_text="Of the author’s name and username.")
    brevity = models.FloatField(default=1.0, help_text="Weight for short texts.")

    def __str__(self) -> str:
        return f"Words of {self.post_id}"


class MemberDocument(models.Model):
    """The words that a member is found by."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    handle_words = models.TextField()
    name_words = models.TextField()
    bio_words = models.TextField()

    def __str__(self) -> str:
        return f"Words of {self.member_id}"


class Word(models.Model):
    """A word of what everyone may find: what a misspelled one may have meant (search.spelling)."""

    word = models.CharField(max_length=WORD_MAX, primary_key=True)
    size = models.PositiveSmallIntegerField()
    head = models.CharField(max_length=HEAD, default="")
    tail = models.CharField(max_length=TAIL, default="")

    class Meta:
        indexes = [
            models.Index(fields=["head", "size"], name="search_word_by_head"),
            models.Index(fields=["tail", "size"], name="search_word_by_tail"),
        ]

    def __str__(self) -> str:
        return self.word

    @classmethod
    def of(cls, word: str) -> Self:
        return cls(word=word, size=len(word), head=word[:HEAD], tail=word[-TAIL:])


class Pending(models.Model):
    """That the search server has yet to be told of a change: written with the change's own effects, gone once told.

    `version` is new at each change, so that what is told late never overwrites what is newer.
    """

    class Kind(models.TextChoices):
        POST = "post", "Post"
        MEMBER = "member", "Member"

    kind = models.CharField(max_length=6, choices=Kind)
    object_id = models.BigIntegerField()
    version = SnowflakeField(db_index=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "pending"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="pending_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Renewal(models.Model):
    """How far one half of the index has been made anew since the analysis of words changed (search.words.ANALYSIS)."""

    class Kind(models.TextChoices):
        POSTS = "posts", "Posts"
        MEMBERS = "members", "Members"

    kind = models.CharField(max_length=7, choices=Kind, primary_key=True)
    analysis = models.PositiveIntegerField(
        help_text="Version of the analysis the whole index was built with."
    )
    after = models.BigIntegerField(default=0, help_text="Rebuilt up to this id.")

    def __str__(self) -> str:
        return f"{self.kind} by analysis {self.analysis}"
