from social.views.follows import follow, followers, following, unfollow

__all__ = ["follow", "followers", "following", "unfollow"]
