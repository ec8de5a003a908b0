from social.api.follows import (
    Followers,
    Following,
    PersonOut,
    PersonPage,
    User,
    UserFollow,
    UserOut,
    UserView,
    people_data,
)
from social.api.known import KnownFollowers
from social.api.lists import ListMembers, Lists, ListView, OneList, OneListMember
from social.api.mutes import MutedWords, Mutes, OneMutedWord, UserMute

__all__ = [
    "Followers",
    "Following",
    "KnownFollowers",
    "ListMembers",
    "ListView",
    "Lists",
    "MutedWords",
    "Mutes",
    "OneList",
    "OneListMember",
    "OneMutedWord",
    "PersonOut",
    "PersonPage",
    "User",
    "UserFollow",
    "UserMute",
    "UserOut",
    "UserView",
    "people_data",
]
