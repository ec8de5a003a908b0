"""Check the truth table itself."""

from posts.models import Post
from tests.visibility.truth import STATES, VIEWERS, may_read

FIELDS_TO_COME = {"audience", "is_draft", "scheduled_at", "publish_at"}


def test_posts_have_no_states_that_the_truth_table_lacks() -> None:
    """A new state joins STATES and `world.hide`. Drafts are rows of their own, which only their author sees."""
    there = {field.name for field in Post._meta.get_fields()} & FIELDS_TO_COME
    assert not there, f"posts have {there} now: the truth table needs their states"
    assert set(Post.State.values) == {"pending", "published", "held", "removed", "deleted"}


def test_the_rules_agree_with_rows_spelled_out() -> None:
    """A few rows are spelled out, in case the rules of truth.py are wrong."""
    state = {row.name: row for row in STATES}
    viewer = {row.name: row for row in VIEWERS}
    readers = {name: {who.name for who in VIEWERS if may_read(row, who)} for name, row in state.items()}
    followers = {"follower", "mutual", "muted", "muter", "token"}
    assert readers["public"] == set(viewer) - {"blocked", "blocker"}
    assert readers["private"] == readers["made private"] == followers | {"author"}
    assert (
        readers["waiting"] == readers["held"] == readers["removed"] == readers["private held"] == {"author"}
    )
    assert readers["unlisted"] == readers["public"]
    assert readers["followers only"] == readers["private"]
    assert readers["mentioned only"] == {"mentioned", "author"}
    assert readers["deleted"] == readers["closed"] == readers["leaving"] == set()
