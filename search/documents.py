"""What Elasticsearch stores. Terms come from search.analysis, so every field is only split at spaces.

Written by search.engines.elastic under index names of its own, never by signals. Fields of terms are named `words`, as
the columns in the database: another name would be another index.
"""

from typing import Any, ClassVar

from django_elasticsearch_dsl import Document, fields
from django_elasticsearch_dsl.registries import registry
from elasticsearch.dsl import MetaField

from accounts.models import Member
from posts.models import Post

SCHEMA = 2
"""Raise this when the fields below change: an index with another number isn’t searched, and is rebuilt."""
TERMS = "whitespace"
SETTINGS: dict[str, Any] = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s"}


@registry.register_document
class PostTerms(Document):
    words = fields.TextField(analyzer=TERMS)
    author_words = fields.TextField(analyzer=TERMS)
    post_id = fields.LongField()
    author_id = fields.LongField()
    audience = fields.LongField()  # 0: everyone; else the member whose followers alone may find it.
    brevity = fields.FloatField()
    created_at = fields.DateField()
    digest = fields.KeywordField(index=False)

    class Meta:
        dynamic = MetaField("false")

    class Index:
        name = "kith-posts"
        settings: ClassVar = SETTINGS

    class Django:
        model = Post
        ignore_signals = True
        auto_refresh = False


@registry.register_document
class MemberTerms(Document):
    handle_words = fields.TextField(analyzer=TERMS)
    name_words = fields.TextField(analyzer=TERMS)
    bio_words = fields.TextField(analyzer=TERMS)
    member_id = fields.LongField()
    followers = fields.LongField()
    digest = fields.KeywordField(index=False)

    class Meta:
        dynamic = MetaField("false")

    class Index:
        name = "kith-members"
        settings: ClassVar = SETTINGS

    class Django:
        model = Member
        ignore_signals = True
        auto_refresh = False
