from social.api.blocks import Blocks, UserBlock
from social.api.follows import (
    Followers,
    Following,
    MemberView,
    Profile,
    User,
    UserFollow,
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
    "MemberView",
    "MutedWords",
    "Mutes",
    "OneFollowRequest",
    "OneList",
    "OneListMember",
    "OneMutedWord",
    "Profile",
    "User",
    "UserBlock",
    "UserFollow",
    "UserFollower",
    "UserMute",
]
