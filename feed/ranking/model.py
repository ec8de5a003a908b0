"""Keep the promoted model in memory, in each process that ranks. LightGBM is imported only when it is needed."""

import threading
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache

from feed.models import Ranker
from feed.ranking.features import FEATURES

CURRENT_KEY = "feed.ranker"
CURRENT_SECONDS = 60
_lock = threading.Lock()
_loaded: tuple[int, Any] | None = None


def predict(vectors: Sequence[Sequence[float]]) -> list[float] | None:
    """Return how likely the viewer engages with each, None if no promoted model fits today’s features."""
    booster = _current()
    if booster is None or not vectors:
        return None
    import numpy

    return [float(p) for p in booster.predict(numpy.asarray(vectors, dtype=numpy.float32), num_threads=1)]


def clear_cache() -> None:
    """Clear the cached model after a training, so that the promoted one is loaded."""
    cache.delete(CURRENT_KEY)


def _current() -> Any:
    global _loaded
    ranker_id = cache.get(CURRENT_KEY)
    if ranker_id is None:
        newest = Ranker.objects.filter(promoted=True, features=list(FEATURES)).order_by("-id")
        ranker_id = newest.values_list("id", flat=True).first() or 0
        cache.set(CURRENT_KEY, ranker_id, CURRENT_SECONDS)
    if not ranker_id:
        return None
    with _lock:
        if _loaded is None or _loaded[0] != ranker_id:
            import lightgbm

            text = Ranker.objects.filter(pk=ranker_id).values_list("model", flat=True).first()
            if text is None:
                return None
            _loaded = (ranker_id, lightgbm.Booster(model_str=text))
        return _loaded[1]
