from social.queries.follows import (
    Relations,
    can_read_posts,
    followed_among,
    followee_ids,
    followers_of,
    following_of,
    relations_of,
)
from social.queries.known import (
    NO_KNOWN_FOLLOWERS,
    KnownFollowersSummary,
    known_followers_among,
    known_followers_of,
)
from social.queries.muted_words import MuteAction, MutedWordMatcher, MuteVerdict, Place, muted_word_matcher
from social.queries.mutes import active_muted_words, mute_of, muted_ids, muted_word, mutes_by

__all__ = [
    "NO_KNOWN_FOLLOWERS",
    "KnownFollowersSummary",
    "MuteAction",
    "MuteVerdict",
    "MutedWordMatcher",
    "Place",
    "Relations",
    "active_muted_words",
    "can_read_posts",
    "followed_among",
    "followee_ids",
    "followers_of",
    "following_of",
    "known_followers_among",
    "known_followers_of",
    "mute_of",
    "muted_ids",
    "muted_word",
    "muted_word_matcher",
    "mutes_by",
    "relations_of",
]
