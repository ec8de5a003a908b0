from feed.views.about import about
from feed.views.card import person_card
from feed.views.explore import explore, tag
from feed.views.home import home
from feed.views.people_list import people_list
from feed.views.profile import likes, profile, replies
from feed.views.start import start, start_leave, start_people, start_post
from feed.views.suggestions import dismiss, restore, suggestions, suggestions_beside

__all__ = [
    "about",
    "dismiss",
    "explore",
    "home",
    "likes",
    "people_list",
    "person_card",
    "profile",
    "replies",
    "restore",
    "start",
    "start_leave",
    "start_people",
    "start_post",
    "suggestions",
    "suggestions_beside",
    "tag",
]
