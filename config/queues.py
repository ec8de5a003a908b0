"""Task → queue. Each queue has its own workers, so that none waits for another.

live      short, and waits for nothing but the database: what members see happen
default   takes longer: statistics, training, deleting, cleaning up
outside   waits for other services: a model, a mail server, the search server, a storage, a process (ffmpeg)
"""

LIVE, DEFAULT, OUTSIDE = "live", "default", "outside"

QUEUES = (LIVE, DEFAULT, OUTSIDE)

ROUTES: dict[str, str] = {
    "accounts.tasks.erase_due_members": LIVE,
    "accounts.tasks.erase_member": DEFAULT,
    "accounts.tasks.make_export": OUTSIDE,
    "accounts.tasks.make_waiting_exports": OUTSIDE,
    "accounts.tasks.run_import": OUTSIDE,
    "accounts.tasks.run_waiting_imports": DEFAULT,
    "core.events.deliver": LIVE,
    "core.events.deliver_many": LIVE,
    "core.tasks.delete_expired": DEFAULT,
    "core.tasks.relay": LIVE,
    "core.tasks.heartbeat": LIVE,
    "core.mail.send_queued_mail": OUTSIDE,
    "core.tasks.send_due_mails": OUTSIDE,
    "feed.tasks.compute_suggestions": DEFAULT,
    "feed.tasks.compute_trends": DEFAULT,
    "feed.tasks.refill_suggestions": LIVE,
    "feed.tasks.train_ranker": DEFAULT,
    "media.tasks.delete_discarded": OUTSIDE,
    "media.tasks.discard_unattached": DEFAULT,
    "media.tasks.encode": OUTSIDE,
    "media.tasks.encode_waiting": OUTSIDE,
    "moderation.tasks.review_withheld": DEFAULT,
    "moderation.tasks.run_review": OUTSIDE,
    "moderation.tasks.sweep_reviews": LIVE,
    "notifications.tasks.delete_withdrawn": DEFAULT,
    "posts.tasks.count_views": DEFAULT,
    "posts.tasks.end_polls": LIVE,
    "posts.tasks.delete_unused_link_cards": DEFAULT,
    "posts.tasks.fetch_due_link_cards": LIVE,
    "posts.tasks.fetch_link_card": OUTSIDE,
    "posts.tasks.send_draft": LIVE,
    "posts.tasks.send_due_drafts": LIVE,
    "search.tasks.delete_unused_terms": DEFAULT,
    "search.tasks.continue_author": DEFAULT,
    "search.tasks.push_pending": OUTSIDE,
    "search.tasks.continue_followees": DEFAULT,
    "search.tasks.renew_index": DEFAULT,
    "search.tasks.sweep": OUTSIDE,
    "social.tasks.delete_expired_mutes": DEFAULT,
}
