from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.refusals import Refusal
from feed.actions.ranker import train_ranker

ROWS = {
    "model": "the new model",
    "current": "the model that ranks now",
    "score": "the score by hand",
    "newest": "newest first",
    "popular": "most liked first",
}


class Command(BaseCommand):
    help = "Train the model behind For you on what members saw and did, and promote it if it is better."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ranker = train_ranker()
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        figures = ranker.figures
        self.stdout.write(
            f"{figures['views']} views, {figures['engagements']} of them followed by a like or a reply; "
            f"trained on the first {figures['trained_on']}, measured on the last {figures['measured_on']}."
        )
        self.stdout.write(f"{'':<28}{'NDCG@10':>9}{'AUC':>9}")
        for name, words in ROWS.items():
            if name in figures:
                self.stdout.write(f"{words:<28}{figures[name]['ndcg_10']:>9.4f}{figures[name]['auc']:>9.4f}")
        self.stdout.write(f"Log loss {figures['model']['log_loss']:.4f}. Predicted and observed, in fifths:")
        self.stdout.write(
            "  ".join(f"{b['predicted']:.3f}/{b['observed']:.3f}" for b in figures["calibration"])
        )
        gains = sorted(figures["gain"].items(), key=lambda item: -item[1])
        self.stdout.write(
            "Most important features: " + ", ".join(f"{name} {gain:.0f}" for name, gain in gains[:6])
        )
        self.stdout.write(
            "Promoted: it now ranks For you."
            if ranker.promoted
            else "Not promoted: a simpler ranking does as well and stays in use."
        )
