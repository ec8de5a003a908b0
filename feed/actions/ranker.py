"""Train and promote the model that ranks For you."""

from django.db import transaction

from feed.models import Ranker
from feed.ranking import training
from feed.ranking.features import FEATURES
from feed.ranking.model import clear_cache


def train_ranker() -> Ranker:
    """Train a model on the log and store it with its figures. Promote it only if it beats what it would replace.

    Better means a higher NDCG@10 on the later impressions than the score, newest first, most liked first, and the
    model that ranks now. Raise training.NotEnoughData.
    """
    trained = training.train()
    figures = dict(trained.figures)
    current = Ranker.objects.filter(promoted=True, features=list(FEATURES)).order_by("-id").first()
    if current is not None:
        figures["current"] = training.measure(current.model)
    rivals = [
        figures[name]["ndcg_10"] for name in ("score", "newest", "popular", "current") if name in figures
    ]
    with transaction.atomic():
        ranker = Ranker.objects.create(
            model=trained.model,
            figures=figures,
            features=list(FEATURES),
            promoted=figures["model"]["ndcg_10"] > max(rivals),
        )
        if ranker.promoted:
            transaction.on_commit(clear_cache)
    return ranker
