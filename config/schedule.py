"""Periodic jobs: name → (task, seconds between runs)."""

from typing import Any

from config.queues import QUEUES

SCHEDULE: dict[str, dict[str, Any]] = {
    "relay events": {"task": "core.tasks.relay", "schedule": 5.0},
    "send mails": {"task": "core.tasks.send_due_mails", "schedule": 30.0},
    "forget old events": {"task": "core.tasks.delete_expired", "schedule": 3600.0},
    "make waiting exports": {"task": "accounts.tasks.make_waiting_exports", "schedule": 15.0},
    "go on with imports": {"task": "accounts.tasks.run_waiting_imports", "schedule": 15.0},
    "erase who has left": {"task": "accounts.tasks.erase_due_members", "schedule": 600.0},
    "compute trends": {"task": "feed.tasks.compute_trends", "schedule": 300.0},
    "compute suggestions": {"task": "feed.tasks.compute_suggestions", "schedule": 600.0},
    "train the ranker": {"task": "feed.tasks.train_ranker", "schedule": 86_400.0},
    "delete discarded files": {"task": "media.tasks.delete_discarded", "schedule": 60.0},
    "discard unattached files": {"task": "media.tasks.discard_unattached", "schedule": 3600.0},
    "process videos and audio": {"task": "media.tasks.encode_waiting", "schedule": 10.0},
    "fetch link cards": {"task": "posts.tasks.fetch_due_link_cards", "schedule": 30.0},
    "forget unused link cards": {"task": "posts.tasks.delete_unused_link_cards", "schedule": 86_400.0},
    "review what waits": {"task": "moderation.tasks.sweep_reviews", "schedule": 2.0},
    "send scheduled posts": {"task": "posts.tasks.send_due_drafts", "schedule": 5.0},
    "forget withdrawn notifications": {"task": "notifications.tasks.delete_withdrawn", "schedule": 86_400.0},
    "count views": {"task": "posts.tasks.count_views", "schedule": 5.0},
    "end polls": {"task": "posts.tasks.end_polls", "schedule": 5.0},
    "forget unused words": {"task": "search.tasks.delete_unused_terms", "schedule": 86_400.0},
    "forget expired mutes": {"task": "social.tasks.delete_expired_mutes", "schedule": 86_400.0},
    "renew the search index": {"task": "search.tasks.renew_index", "schedule": 300.0},
    "catch up with search": {"task": "search.tasks.sweep", "schedule": 10.0},
}
for _queue in QUEUES:
    SCHEDULE[f"say that {_queue} jobs are done"] = {
        "task": "core.tasks.heartbeat",
        "schedule": 10.0,
        "args": [_queue],
        "options": {"queue": _queue},
    }
for _entry in SCHEDULE.values():
    # A job that no worker took in time is sent again anyway, so that workers don’t find a backlog when they come back.
    _entry.setdefault("options", {}).setdefault("expires", max(30.0, _entry["schedule"]))
