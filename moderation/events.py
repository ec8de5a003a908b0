from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ReportDecided(Event):
    """A moderator decided about a reported post: `outcome` is a value of Report.Outcome."""

    report_id: int
    post_id: int
    reporter_id: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ReportReopened(Event):
    """A moderator undid the decision that had answered a report."""

    report_id: int
    post_id: int
    reporter_id: int


@dataclass(frozen=True, kw_only=True)
class PostDecided(Event):
    """A rule, the model or a moderator decided about a post: `act` is a value of Decision.Act."""

    decision_id: int
    post_id: int
    author_id: int
    act: str


@dataclass(frozen=True, kw_only=True)
class TrendDecided(Event):
    """A moderator decided whether a hashtag or a post may trend."""

    tag_id: int | None
    post_id: int | None
    allowed: bool
