"""The index that the database itself searches. It is read model only: `manage.py reindex` makes it anew."""

from django.db import models
from django.utils import timezone

from accounts.models import Member
from core.fields import SnowflakeField
from posts.models import Post
from search.words import WORD_MAX


class PostDocument(models.Model):
    """The words (search.words) that a published post is found by, parted by spaces.

    What makes them quick to search stands beside in SQL (migration 0002): an FTS5 table kept by triggers on SQLite, a
    generated tsvector column with a GIN index on PostgreSQL.
    """

    # Without a constraint in the database: the index may be behind, and is never in the way.
    post = models.OneToOneField(
        Post, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    words = models.TextField(help_text="Of the text.")
    author_words = models.TextField(help_text="Of the author's name and handle.")

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
    """A word that somebody has used: what a misspelled one may have meant."""

    word = models.CharField(max_length=WORD_MAX, primary_key=True)
    size = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["size", "word"], name="search_word_by_size")]

    def __str__(self) -> str:
        return self.word


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
    analysis = models.PositiveIntegerField(help_text="The version that all of it has been made by.")
    after = models.BigIntegerField(default=0, help_text="Up to this id it has been made anew already.")

    def __str__(self) -> str:
        return f"{self.kind} by analysis {self.analysis}"
