"""Training and promoting the model that ranks For you."""

from django.db import transaction

from feed.models import Ranker
from feed.ranking import training
from feed.ranking.features import NAMES
from feed.ranking.model import forget


def train_ranker() -> Ranker:
    """Train a model on the log and keep it with its figures; promote it only when it is better than all it replaces.

    Better: NDCG@10 on the later impressions above the score by hand, newest first, most liked first, and the model
    that ranks now. Raises training.TooLittle.
    """
    trained = training.train()
    figures = dict(trained.figures)
    current = Ranker.objects.filter(promoted=True, features=list(NAMES)).order_by("-id").first()
    if current is not None:
        figures["current"] = training.measure(current.model)
    rivals = [
        figures[name]["ndcg_10"] for name in ("score", "newest", "popular", "current") if name in figures
    ]
    with transaction.atomic():
        ranker = Ranker.objects.create(
            model=trained.model,
            figures=figures,
            features=list(NAMES),
            promoted=figures["model"]["ndcg_10"] > max(rivals),
        )
        if ranker.promoted:
            transaction.on_commit(forget)
    return ranker
