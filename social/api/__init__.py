from social.api.blocks import Blocks, MemberBlock
from social.api.follows import (
    Followers,
    Following,
    MemberFollow,
    MemberReposts,
    MemberView,
    OneMember,
    Profile,
)
from social.api.known import KnownFollowers
from social.api.lists import ListMembers, Lists, ListView, OneList, OneListMember
from social.api.mutes import MemberMute, MutedWords, Mutes, OneMutedWord
from social.api.requests import AllFollowRequests, FollowRequests, OneFollower, OneFollowRequest

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
    "MemberBlock",
    "MemberFollow",
    "MemberMute",
    "MemberReposts",
    "MemberView",
    "MutedWords",
    "Mutes",
    "OneFollowRequest",
    "OneFollower",
    "OneList",
    "OneListMember",
    "OneMember",
    "OneMutedWord",
    "Profile",
]
