from social.queries.follows import (
    Relations,
    followed_among,
    followee_ids,
    followers_of,
    following_of,
    reads_posts,
    relations_of,
)
from social.queries.known import NOBODY, Known, known_followers_among, known_followers_of
from social.queries.muted_words import Act, MutedWords, Place, Verdict, muted_words_of
from social.queries.mutes import mute_of, muted_ids, muted_word, mutes_by, words_muted_by

__all__ = [
    "NOBODY",
    "Act",
    "Known",
    "MutedWords",
    "Place",
    "Relations",
    "Verdict",
    "followed_among",
    "followee_ids",
    "followers_of",
    "following_of",
    "known_followers_among",
    "known_followers_of",
    "mute_of",
    "muted_ids",
    "muted_word",
    "muted_words_of",
    "mutes_by",
    "reads_posts",
    "relations_of",
    "words_muted_by",
]
