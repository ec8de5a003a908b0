from feed.views.about import about
from feed.views.atom import atom_latest, atom_of_member, atom_of_tag
from feed.views.explore import explore, tag
from feed.views.home import home
from feed.views.hovercard import hovercard
from feed.views.list_timeline import list_timeline
from feed.views.profile import likes, media, profile, replies
from feed.views.sitemaps import sitemap_index, sitemap_section
from feed.views.start import start, start_leave, start_people, start_post, start_profile
from feed.views.suggestions import dismiss, restore, sidebar_suggestions, suggestions

__all__ = [
    "about",
    "atom_latest",
    "atom_of_member",
    "atom_of_tag",
    "dismiss",
    "explore",
    "home",
    "hovercard",
    "likes",
    "list_timeline",
    "media",
    "profile",
    "replies",
    "restore",
    "sidebar_suggestions",
    "sitemap_index",
    "sitemap_section",
    "start",
    "start_leave",
    "start_people",
    "start_post",
    "start_profile",
    "suggestions",
    "tag",
]
