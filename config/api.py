"""The routes of the REST API."""

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts import api as accounts
from accounts.models import DataImport
from core.api import MemberRate
from feed import api as feed
from media import api as media
from media import tus
from messaging import api as messaging
from moderation import api as moderation
from notifications import api as notifications
from posts import api as posts
from search import api as search
from social import api as social

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema", SpectacularAPIView.as_view(throttle_classes=[MemberRate]), name="schema"),
    # A page, for which OPTIONS would be useless.
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", http_method_names=["get", "head"]),
        name="docs",
    ),
    path("account", accounts.Account.as_view(), name="account"),
    path("exports", accounts.Exports.as_view(), name="exports"),
    path("exports/<id:export_id>", accounts.OneExport.as_view(), name="export"),
    path("exports/<id:export_id>/file", accounts.ExportFile.as_view(), name="export_file"),
    *(
        path(f"data/{kind}.csv", accounts.data_list(kind).as_view(), {"kind": kind}, name=f"{kind}_csv")
        for kind in DataImport.Kind.values
    ),
    path("imports", accounts.Imports.as_view(), name="imports"),
    path("imports/<id:import_id>", accounts.OneImport.as_view(), name="import"),
    path("imports/<id:import_id>/rows", accounts.ImportRows.as_view(), name="import_rows"),
    path("imports/<id:import_id>/file", accounts.ImportFile.as_view(), name="import_file"),
    path("profile", accounts.OwnProfile.as_view(), name="own_profile"),
    path("topics", accounts.Topics.as_view(), name="topics"),
    path("interests", accounts.Interests.as_view(), name="interests"),
    path("invites", accounts.Invites.as_view(), name="invites"),
    path("invites/<id:invite_id>", accounts.OneInvite.as_view(), name="invite"),
    path("profiles/<str:username>", social.Profile.as_view(), name="profile"),
    path("users/<id:user_id>", social.OneMember.as_view(), name="user"),
    path("users/<id:user_id>/follow", social.MemberFollow.as_view(), name="follow"),
    path("users/<id:user_id>/follower", social.OneFollower.as_view(), name="follower"),
    path("users/<id:user_id>/block", social.MemberBlock.as_view(), name="block"),
    path("blocks", social.Blocks.as_view(), name="blocks"),
    path("follow-requests", social.FollowRequests.as_view(), name="follow_requests"),
    path("follow-requests/approve-all", social.AllFollowRequests.as_view(), name="approve_all_requests"),
    path("follow-requests/<id:user_id>", social.OneFollowRequest.as_view(), name="follow_request"),
    path("users/<id:user_id>/mute", social.MemberMute.as_view(), name="mute"),
    path("mutes", social.Mutes.as_view(), name="mutes"),
    path("muted-words", social.MutedWords.as_view(), name="muted_words"),
    path("muted-words/<id:word_id>", social.OneMutedWord.as_view(), name="muted_word"),
    path("users/<id:user_id>/followers", social.Followers.as_view(), name="followers"),
    path("users/<id:user_id>/followers/known", social.KnownFollowers.as_view(), name="known_followers"),
    path("users/<id:user_id>/following", social.Following.as_view(), name="following"),
    path("media", media.Attachments.as_view(), name="attachments"),
    path("media/uploads", tus.Uploads.as_view(), name="uploads"),
    path("media/uploads/<id:upload_id>", tus.OneUpload.as_view(), name="upload"),
    path("media/<id:media_id>", media.OneAttachment.as_view(), name="attachment"),
    path("media/<id:media_id>/captions", media.Captions.as_view(), name="captions"),
    path("media/<id:media_id>/retry", media.Retry.as_view(), name="attachment_retry"),
    path("posts", posts.Posts.as_view(), name="posts"),
    path("posts/<id:post_id>", posts.OnePost.as_view(), name="post"),
    path("posts/<id:post_id>/comments", posts.Comments.as_view(), name="comments"),
    path("posts/<id:post_id>/like", posts.PostLike.as_view(), name="like"),
    path("posts/<id:post_id>/likes", posts.PostLikes.as_view(), name="likes"),
    path("posts/<id:post_id>/pin", posts.PostPin.as_view(), name="pin"),
    path("posts/<id:post_id>/vote", posts.PostVote.as_view(), name="vote"),
    path("posts/<id:post_id>/repost", posts.PostRepost.as_view(), name="repost"),
    path("posts/<id:post_id>/reposts", posts.PostReposts.as_view(), name="reposts"),
    path("posts/<id:post_id>/bookmark", posts.PostBookmark.as_view(), name="bookmark"),
    path("posts/<id:post_id>/mute-thread", posts.MuteThread.as_view(), name="mute_thread"),
    path("posts/<id:post_id>/history", posts.PostHistory.as_view(), name="history"),
    path("users/<id:user_id>/posts", feed.UserPosts.as_view(), name="user_posts"),
    path("users/<id:user_id>/pins", feed.UserPins.as_view(), name="user_pins"),
    path("users/<id:user_id>/replies", feed.UserReplies.as_view(), name="user_replies"),
    path("lists", social.Lists.as_view(), name="lists"),
    path("lists/<id:list_id>", social.OneList.as_view(), name="list"),
    path("lists/<id:list_id>/members", social.ListMembers.as_view(), name="list_members"),
    path("lists/<id:list_id>/members/<id:user_id>", social.OneListMember.as_view(), name="list_member"),
    path("lists/<id:list_id>/timeline", feed.ListTimeline.as_view(), name="list_timeline"),
    path("timeline", feed.Timeline.as_view(), name="timeline"),
    path("feed", feed.Feed.as_view(), name="feed"),
    path("latest", feed.Latest.as_view(), name="latest"),
    path("trends", feed.Trends.as_view(), name="trends"),
    path("trends/posts", feed.TrendingPosts.as_view(), name="trending_posts"),
    path("suggestions", feed.Suggestions.as_view(), name="suggestions"),
    path("suggestions/<id:user_id>", feed.OneSuggestion.as_view(), name="suggestion"),
    path("track", feed.Track.as_view(), name="track"),
    path("users/<id:user_id>/messages", messaging.UserMessages.as_view(), name="send_message"),
    path("conversations", messaging.Conversations.as_view(), name="conversations"),
    path("conversations/<id:conversation_id>/messages", messaging.Messages.as_view(), name="messages"),
    path(
        "conversations/<id:conversation_id>/read",
        messaging.ConversationRead.as_view(),
        name="read_conversation",
    ),
    path(
        "conversations/<id:conversation_id>/messages/<id:message_id>",
        messaging.OneMessage.as_view(),
        name="message",
    ),
    path("posts/<id:post_id>/report", moderation.PostReport.as_view(), name="report"),
    path("reports", moderation.OwnReports.as_view(), name="own_reports"),
    path("decisions", moderation.OwnDecisions.as_view(), name="own_decisions"),
    path("moderation", moderation.Overview.as_view(), name="moderation"),
    path("moderation/cases", moderation.Cases.as_view(), name="cases"),
    path("moderation/posts/<id:post_id>", moderation.OneCase.as_view(), name="case"),
    path("moderation/posts/<id:post_id>/decide", moderation.CaseDecision.as_view(), name="decide_case"),
    path("moderation/reports", moderation.Reports.as_view(), name="reports"),
    path("moderation/log", moderation.Log.as_view(), name="log"),
    path("moderation/trends", moderation.TrendReviews.as_view(), name="trend_reviews"),
    path("moderation/trends/<id:trend_id>/decide", moderation.TrendDecision.as_view(), name="decide_trend"),
    path("moderation/word-rules", moderation.WordRules.as_view(), name="word_rules"),
    path("moderation/word-rules/trial", moderation.WordRuleTrial.as_view(), name="try_word_rule"),
    path("moderation/word-rules/<id:rule_id>", moderation.OneWordRule.as_view(), name="word_rule"),
    path("moderation/built-in-rules", moderation.BuiltInRules.as_view(), name="built_in_rules"),
    path("moderation/built-in-rules/<slug:key>", moderation.OneBuiltInRule.as_view(), name="built_in_rule"),
    path(
        "moderation/built-in-rules/<slug:key>/trial",
        moderation.BuiltInRuleTrial.as_view(),
        name="try_built_in_rule",
    ),
    path("moderation/signups", moderation.Signups.as_view(), name="signups"),
    path("moderation/signups/<id:user_id>/decide", moderation.SignupDecision.as_view(), name="decide_signup"),
    path("instance", feed.Instance.as_view(), name="instance"),
    path("rules", moderation.Rules.as_view(), name="rules"),
    path("profile/avatar", media.Avatar.as_view(), name="avatar"),
    path("profile/cover", media.Cover.as_view(), name="cover"),
    path("settings", accounts.Settings.as_view(), name="settings"),
    path("notifications", notifications.Notifications.as_view(), name="notifications"),
    path("notifications/unread", notifications.Unread.as_view(), name="unread"),
    path("notifications/seen", notifications.AllSeen.as_view(), name="see_all"),
    path("notifications/read", notifications.AllRead.as_view(), name="read_all"),
    path("notifications/<id:notification_id>/read", notifications.OneRead.as_view(), name="read_one"),
    path("search/posts", search.SearchPosts.as_view(), name="search_posts"),
    path("search/users", search.SearchUsers.as_view(), name="search_users"),
    path("autocomplete", search.Autocomplete.as_view(), name="autocomplete"),
    path("likes", feed.LikedPosts.as_view(), name="liked_posts"),
    path("tags/<str:name>/posts", feed.TagPosts.as_view(), name="tag_posts"),
    path("tags/<str:name>/follow", posts.TagFollowing.as_view(), name="follow_tag"),
    path("followed-tags", posts.FollowedTags.as_view(), name="followed_tags"),
    path("bookmarks", posts.Bookmarks.as_view(), name="bookmarks"),
]
