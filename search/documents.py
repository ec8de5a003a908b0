"""What Elasticsearch stores. The words come ready from search.words, so every field is only cut at spaces.

Indexed by search.engines.elastic under index names of its own, never by signals: the outbox decides what is told when.
"""

from typing import Any, ClassVar

from django_elasticsearch_dsl import Document, fields
from django_elasticsearch_dsl.registries import registry
from elasticsearch.dsl import MetaField

from accounts.models import Member
from posts.models import Post

SCHEMA = 2
"""Goes up when the fields below change: an index of another number is not searched, and is built anew."""
WORDS = "whitespace"
SETTINGS: dict[str, Any] = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s"}


@registry.register_document
class PostWords(Document):
    words = fields.TextField(analyzer=WORDS)
    author_words = fields.TextField(analyzer=WORDS)
    post_id = fields.LongField()
    author_id = fields.LongField()
    audience = fields.LongField()  # 0: everyone; else the private account whose followers alone may find it.
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
class MemberWords(Document):
    handle_words = fields.TextField(analyzer=WORDS)
    name_words = fields.TextField(analyzer=WORDS)
    bio_words = fields.TextField(analyzer=WORDS)
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
