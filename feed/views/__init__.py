from feed.views.about import about
from feed.views.explore import explore, tag
from feed.views.home import home
from feed.views.profile import likes, profile, replies

__all__ = ["about", "explore", "home", "likes", "profile", "replies", "tag"]
