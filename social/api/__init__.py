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
from social.api.lists import ListMembers, Lists, ListView, OneList, OneListMember

__all__ = [
    "Followers",
    "Following",
    "ListMembers",
    "ListView",
    "Lists",
    "OneList",
    "OneListMember",
    "PersonOut",
    "PersonPage",
    "User",
    "UserFollow",
    "UserOut",
    "UserView",
    "people_data",
]
