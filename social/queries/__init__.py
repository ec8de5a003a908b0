from social.queries.follows import (
    Relations,
    followed_among,
    followee_ids,
    followers_of,
    following_of,
    relations_of,
)

__all__ = [
    "Relations",
    "followed_among",
    "followee_ids",
    "followers_of",
    "following_of",
    "relations_of",
]
