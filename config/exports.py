"""What the export of a member’s data contains (accounts.actions.make_export), in the order of its pages.

Each function takes the member and yields parts (core.archives). Every model that refers to a member is in one of
them, or is listed below with the reason why it isn’t: tests/accounts/test_export.py compares this with the models.
"""

from collections.abc import Mapping, Sequence

EXPORTS: Sequence[str] = [
    "accounts.exporting.account",
    "media.exporting.pictures",
    "media.exporting.attachments",
    "posts.exporting.posts",
    "messaging.exporting.messages",
    "social.exporting.relations",
    "posts.exporting.activity",
    "notifications.exporting.notifications",
    "moderation.exporting.moderation",
    "feed.exporting.log",
]

# "app.Model.field" → the file (or the field of a file) that contains it.
EXPORTED: Mapping[str, str] = {
    "account.EmailAddress.user": "account",
    "mfa.Authenticator.user": "account",
    "socialaccount.SocialAccount.user": "account",
    "usersessions.UserSession.user": "sessions",
    "accounts.Block.blocker": "blocks",
    "accounts.Interest.member": "account",
    "accounts.Invite.by": "invites",
    "accounts.SignupRequest.member": "account",
    "accounts.InviteUse.member": "account",
    "accounts.AddressChange.member": "account",
    "accounts.DataExport.member": "exports",
    "accounts.DataImport.member": "imports",
    "social.Follow.follower": "following",
    "social.Follow.followee": "followers",
    "social.FollowRequest.requester": "follow_requests_sent",
    "social.FollowRequest.member": "follow_requests",
    "social.Mute.muter": "mutes",
    "social.MutedWord.member": "muted_words",
    "social.List.owner": "lists",
    "social.ListEntry.member": "lists",
    "social.Dismissal.member": "dismissed_suggestions",
    "posts.Post.author": "posts",
    "posts.Draft.author": "drafts",
    "posts.Like.member": "likes",
    "posts.Repost.member": "reposts",
    "posts.Bookmark.member": "bookmarks",
    "posts.Vote.member": "votes",
    "posts.Mention.member": "mentions",
    "posts.TagFollow.member": "followed_tags",
    "posts.ThreadMute.member": "muted_threads",
    "media.Attachment.owner": "media",
    "messaging.Participation.member": "conversations",
    "messaging.Message.author": "messages",
    "notifications.Notification.member": "notifications",
    "notifications.Preference.member": "notification_settings",
    "moderation.Report.reporter": "reports",
    "moderation.Decision.author": "decisions_on_your_posts",
    "feed.Interaction.member": "interactions",
}

# "app.Model.field" → why it isn’t exported.
NOT_EXPORTED: Mapping[str, str] = {
    "accounts.Block.blocked": "Who has blocked you is theirs to know.",
    "social.Mute.muted": "Who has muted you is theirs to know.",
    "social.Dismissal.dismissed": "Who does not want to be shown you is theirs to know.",
    "accounts.SignInPlace.member": "Only hashes of browsers and networks; who is signed in where is in sessions.",
    "accounts.SignupRequest.decided_by": "What a moderator did with the requests of others.",
    "posts.LinkCard.member": "The preview of a link to your profile, which shows what the account has.",
    "notifications.Notification.actor": "What others were told of you stands in their own copies.",
    "notifications.NotificationGroup.member": "Only the place of a line; what it tells is in notifications.",
    "feed.Suggestion.member": "Worked out anew every few hours from what is in the rest of the copy.",
    "feed.Suggestion.suggested": "Who is suggested to whom is worked out anew, and of others.",
    "feed.SuggestionRun.member": "When that was worked out last.",
    "moderation.Decision.by": "What a moderator decided about others.",
    "moderation.TrendReview.decided_by": "What a moderator decided about hashtags and posts of others.",
    "moderation.BuiltInRuleChange.changed_by": "How an admin set the rules of the place.",
    "media.Upload.owner": "Files on their way; those that have arrived are in media.",
    "search.MemberDocument.member": "The words of your profile again, cut for finding.",
    "socialaccount.SocialAccount.extra_data": "What the other site says of itself.",
    "admin.LogEntry.user": "What staff did with the accounts and posts of others.",
    "accounts.Member_groups.member": "Rights in the administration, which members do not have.",
    "accounts.Member_user_permissions.member": "Rights in the administration, which members do not have.",
}
