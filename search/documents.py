"""What Elasticsearch stores. The words come ready from search.words, so every field is only cut at spaces."""

from typing import Any, ClassVar

from django_elasticsearch_dsl import Document, fields
from django_elasticsearch_dsl.registries import registry
from elasticsearch.dsl import analyzer

from accounts.models import Member
from posts.models import Post

words = analyzer("kith_words", tokenizer="whitespace")
SETTINGS: dict[str, Any] = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}


class _Words(Document):
    """Indexed by search.engines.elastic under names of its own, never by signals."""

    @classmethod
    def body(cls) -> dict[str, Any]:
        """Settings and mapping of a new index."""
        whole: dict[str, Any] = cls._index.to_dict()
        whole["mappings"]["dynamic"] = False
        return whole


@registry.register_document
class PostWords(_Words):
    words = fields.TextField(analyzer=words)
    author_words = fields.TextField(analyzer=words)
    post_id = fields.LongField()
    created_at = fields.DateField()

    class Index:
        name = "kith-posts"
        settings: ClassVar = SETTINGS

    class Django:
        model = Post
        ignore_signals = True
        auto_refresh = False


@registry.register_document
class MemberWords(_Words):
    handle_words = fields.TextField(analyzer=words)
    name_words = fields.TextField(analyzer=words)
    bio_words = fields.TextField(analyzer=words)
    member_id = fields.LongField()
    followers = fields.LongField()

    class Index:
        name = "kith-members"
        settings: ClassVar = SETTINGS

    class Django:
        model = Member
        ignore_signals = True
        auto_refresh = False
