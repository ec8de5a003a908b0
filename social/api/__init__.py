from social.api.blocks import Blocks, UserBlock
from social.api.follows import (
    Followers,
    Following,
    PersonOut,
    PersonPage,
    Profile,
    User,
    UserFollow,
    UserOut,
    UserView,
    people_data,
)
from social.api.known import KnownFollowers
from social.api.lists import ListMembers, Lists, ListView, OneList, OneListMember
from social.api.mutes import MutedWords, Mutes, OneMutedWord, UserMute
from social.api.requests import AllFollowRequests, FollowRequests, OneFollowRequest, UserFollower

__all__ = [
    "AllFollowRequests",
    "Blocks",
    "FollowRequests",
    "Followers",
    "Following",
    "KnownFollowers",
    "ListMembers",
    "ListView",
    "Lists",
    "MutedWords",
    "Mutes",
    "OneFollowRequest",
    "OneList",
    "OneListMember",
    "OneMutedWord",
    "PersonOut",
    "PersonPage",
    "Profile",
    "User",
    "UserBlock",
    "UserFollow",
    "UserFollower",
    "UserMute",
    "UserOut",
    "UserView",
    "people_data",
]
