"""The form of the model's answer: its schema is sent, and what comes back is checked against it.

Only the process that asks imports this: pydantic takes 3 MB.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from moderation.models import Category


class PostVerdict(BaseModel):
    """The verdict on the post that was sent under this `id`."""

    # Strict: "yes" and 1 are not true.
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    safe: bool
    category: Annotated[Category, Field(strict=False)]
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    reason: str


class Verdicts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    verdicts: list[PostVerdict]
