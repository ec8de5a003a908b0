"""Event → the subscribers that handle it, each in its own transaction (core.events)."""

from collections.abc import Mapping, Sequence

from accounts.events import (
    AccountClosed,
    AccountOpened,
    InterestsChosen,
    MemberJoined,
    ProfileEdited,
    SessionEnded,
)
from core.events import Event
from moderation.events import PostDecided, ReportDecided, ReportReopened, TrendDecided
from posts.events import (
    DraftNotSent,
    PollChanged,
    PollEnded,
    PostEdited,
    PostHidden,
    PostLiked,
    PostPublished,
    PostReposted,
    PostRestored,
    PostUnliked,
    PostWritten,
    RepostUndone,
)
from social.events import (
    FollowRequestApproved,
    FollowRequested,
    FollowRequestWithdrawn,
    MemberBlocked,
    MemberFollowed,
    MemberMuted,
    MemberUnblocked,
    MemberUnfollowed,
    MemberUnmuted,
    PrivacyChanged,
    RequestsApproved,
    SuggestionDismissed,
    WordMuted,
)

SUBSCRIPTIONS: Mapping[type[Event], Sequence[str]] = {
    InterestsChosen: [
        "feed.tasks.suggest_after_interests",
    ],
    SessionEnded: ["accounts.tasks.close_sockets"],
    AccountClosed: [
        "posts.tasks.publish_counts_around",
        "feed.tasks.remove_closed_from_trends",
        "notifications.tasks.recount_unread_by",
        "search.tasks.index_member",
        "search.tasks.index_author",
        "search.tasks.update_followees",
    ],
    AccountOpened: [
        "posts.tasks.publish_counts_around",
        "notifications.tasks.recount_unread_by",
        "search.tasks.index_member",
        "search.tasks.index_author",
        "search.tasks.update_followees",
    ],
    DraftNotSent: ["notifications.tasks.notify_author_of_unsent"],
    PostWritten: ["moderation.tasks.review_post"],
    PostEdited: [
        "posts.tasks.publish_change",
        "posts.tasks.publish_quotes_changed",
        "moderation.tasks.review_post",
        "notifications.tasks.notify_mentioned_members",
        "search.tasks.index_post",
    ],
    PostHidden: [
        "posts.tasks.publish_hidden",
        "posts.tasks.publish_quotes_changed",
        "posts.tasks.publish_parent_counts",
        "moderation.tasks.close_case_of_deleted_post",
        "feed.tasks.remove_from_trends",
        "notifications.tasks.recount_unread",
        "search.tasks.index_post",
    ],
    PostPublished: [
        "posts.tasks.publish_change",
        "posts.tasks.publish_parent_counts",
        "notifications.tasks.notify_author_of_reply",
        "notifications.tasks.notify_author_of_quote",
        "notifications.tasks.notify_mentioned_members",
        "search.tasks.index_post",
    ],
    PostRestored: [
        "posts.tasks.publish_change",
        "posts.tasks.publish_quotes_changed",
        "posts.tasks.publish_parent_counts",
        "notifications.tasks.notify_author_of_reply",
        "notifications.tasks.notify_author_of_quote",
        "notifications.tasks.notify_mentioned_members",
        "notifications.tasks.recount_unread",
        "search.tasks.index_post",
    ],
    PollEnded: ["notifications.tasks.notify_of_ended_poll"],
    PollChanged: ["notifications.tasks.notify_of_changed_poll"],
    PostLiked: [
        "posts.tasks.publish_counts",
        "notifications.tasks.notify_author_of_like",
    ],
    PostUnliked: [
        "posts.tasks.publish_counts",
        "notifications.tasks.withdraw_like",
    ],
    PostReposted: [
        "posts.tasks.publish_counts",
        "notifications.tasks.notify_author_of_repost",
    ],
    RepostUndone: [
        "posts.tasks.publish_counts",
        "notifications.tasks.withdraw_repost",
    ],
    MemberFollowed: [
        "feed.tasks.suggest_after_follow",
        "notifications.tasks.notify_followed_member",
        "search.tasks.update_follower_count",
    ],
    MemberUnfollowed: [
        "notifications.tasks.withdraw_follow",
        "search.tasks.update_follower_count",
        "social.tasks.recheck_sockets_of_former_follower",
    ],
    FollowRequested: [
        "feed.tasks.suggest_after_request",
        "notifications.tasks.notify_of_follow_request",
    ],
    FollowRequestWithdrawn: [
        "notifications.tasks.withdraw_request",
    ],
    FollowRequestApproved: [
        "notifications.tasks.withdraw_request",
        "notifications.tasks.notify_of_approval",
    ],
    SuggestionDismissed: ["feed.tasks.suggest_after_dismissal"],
    PostDecided: ["notifications.tasks.notify_author_of_decision"],
    ReportDecided: ["notifications.tasks.notify_reporter"],
    ReportReopened: ["notifications.tasks.withdraw_outcome"],
    TrendDecided: ["feed.tasks.apply_trend_decision"],
    PrivacyChanged: [
        "social.tasks.recheck_sockets_of_strangers",
        "posts.tasks.publish_counts_around",
        "notifications.tasks.recount_unread_about",
        "feed.tasks.remove_private_from_trends",
        "search.tasks.index_author",
        "moderation.tasks.review_posts_of_public_account",
    ],
    MemberBlocked: [
        "social.tasks.recheck_sockets_of_both",
        "messaging.tasks.publish_unread_counts_of_both",
        "notifications.tasks.recount_unread_of_both",
    ],
    MemberMuted: [
        "messaging.tasks.publish_unread_count_of_muter",
        "notifications.tasks.recount_unread_of_muter",
    ],
    MemberUnmuted: [
        "messaging.tasks.publish_unread_count_of_muter",
        "notifications.tasks.recount_unread_of_muter",
    ],
    WordMuted: [
        "feed.tasks.refresh_sidebar_tags",
        "messaging.tasks.recount_unread",
        "notifications.tasks.mark_muted_as_read",
    ],
    MemberUnblocked: [
        "messaging.tasks.publish_unread_counts_of_both",
        "notifications.tasks.recount_unread_of_both",
    ],
    RequestsApproved: [
        "social.tasks.approve_next_requests",
    ],
    MemberJoined: [
        "search.tasks.index_member",
    ],
    ProfileEdited: [
        "search.tasks.index_member",
        "search.tasks.index_author",
    ],
}
