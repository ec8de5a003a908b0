"""The index that the database itself searches: a read model, which `manage.py reindex` rebuilds.

In the database, columns of terms are named `words`: full-text tables, triggers and vectors are built on them.
"""

from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Member
from core.fields import SnowflakeField
from posts.models import Post
from search.analysis import MAX_TERM_LENGTH

HEAD, TAIL = 2, 3
"""By how many letters of its beginning and of its end a term is looked up as a correction."""


class PostDocument(models.Model):
    """The terms (search.analysis) that a published post of an open account is found by, separated by spaces.

    The full-text indexes on them are made in SQL (migrations 0002 and 0004): FTS5 tables updated by triggers on SQLite,
    a generated tsvector column with GIN indexes on PostgreSQL. There are two of each: for posts that everyone can find,
    and for posts with an `audience`.
    """

    # Without a database constraint: the index may be behind, and must never block other changes.
    post = models.OneToOneField(
        Post, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    audience = models.BigIntegerField(
        null=True, help_text="Member whose followers alone can find it. Empty: everyone."
    )
    terms = models.TextField(db_column="words", help_text="Of the text.")
    author_terms = models.TextField(db_column="author_words", help_text="Of the author’s name and username.")
    brevity = models.FloatField(default=1.0, help_text="Weight for short texts.")

    def __str__(self) -> str:
        return f"Terms of {self.post_id}"


class MemberDocument(models.Model):
    """The terms that a member is found by."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    username_terms = models.TextField(db_column="handle_words")
    name_terms = models.TextField(db_column="name_words")
    bio_terms = models.TextField(db_column="bio_words")

    def __str__(self) -> str:
        return f"Terms of {self.member_id}"


class VocabularyTerm(models.Model):
    """A term of something that everyone can find: a possible correction of a misspelled one (search.corrections)."""

    term = models.CharField(max_length=MAX_TERM_LENGTH, primary_key=True, db_column="word")
    size = models.PositiveSmallIntegerField()
    head = models.CharField(max_length=HEAD, default="")
    tail = models.CharField(max_length=TAIL, default="")

    class Meta:
        db_table = "search_word"
        indexes = [
            models.Index(fields=["head", "size"], name="search_word_by_head"),
            models.Index(fields=["tail", "size"], name="search_word_by_tail"),
        ]

    def __str__(self) -> str:
        return self.term

    @classmethod
    def of(cls, term: str) -> Self:
        return cls(term=term, size=len(term), head=term[:HEAD], tail=term[-TAIL:])


class Pending(models.Model):
    """A post or member that has changed and must be pushed to the search server; deleted once it is.

    `version` is new at each change, so a late write never overwrites a newer one.
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
    """How far the objects of one kind have been indexed again since the analysis changed (ANALYSIS_VERSION)."""

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
