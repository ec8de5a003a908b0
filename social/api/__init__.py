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

__all__ = [
    "Followers",
    "Following",
    "PersonOut",
    "PersonPage",
    "User",
    "UserFollow",
    "UserOut",
    "UserView",
    "people_data",
]
