from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ReportDecided(Event):
    """A person looked at what was reported: `outcome` is a value of Report.Outcome."""

    report_id: int
    post_id: int
    reporter_id: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ReportReopened(Event):
    """A moderator took back the decision that had answered a report."""

    report_id: int
    post_id: int
    reporter_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewDecided(Event):
    """The automatic review of one wording has ended. `safe` is None when it could not tell."""

    review_id: int
    post_id: int
    author_id: int
    safe: bool | None
    needs_person: bool


@dataclass(frozen=True, kw_only=True)
class PostDecided(Event):
    """A rule, a model or a person decided on a post: `act` is a value of Decision.Act."""

    decision_id: int
    post_id: int
    author_id: int
    act: str


@dataclass(frozen=True, kw_only=True)
class TrendDecided(Event):
    """A moderator said whether a hashtag or a post may trend."""

    tag_id: int | None
    post_id: int | None
    allowed: bool
