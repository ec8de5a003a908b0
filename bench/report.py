"""Format figures as tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

NOT_RUN = "not run"


@dataclass
class Row:
    """A row of the table, with the figures of all rounds."""

    name: str
    title: str
    bar: float | None = None
    """The target from quality.md, as a ratio of requests per second to `over`; None if there is none."""
    over: str = "hello"
    rates: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    """The ratio to the floor measured just before and after, for each round."""
    ms: list[float] = field(default_factory=list)
    kib: float = 0.0
    sql: float | None = None
    redis: float | None = None
    refused: int = 0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(len(ordered) * share) - 1))]


def spread(values: Sequence[float], digits: int) -> str:
    """Return the median, with the range in brackets."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def pages_table(rows: Sequence[Row]) -> str:
    cells = [["row", "requests/s", "over D", "p50 ms", "p99 ms", "p99/p50", "SQL", "Redis", "KiB"]]
    for row in rows:
        if not row.ms:
            cells.append([row.title, NOT_RUN, *["-"] * 7])
            continue
        p50, p99 = percentile(row.ms, 0.5), percentile(row.ms, 0.99)
        cells.append(
            [
                row.title,
                spread(row.rates, 0),
                spread(row.ratios, 3) if row.ratios else "1",
                f"{p50:.1f}",
                f"{p99:.1f}",
                f"{p99 / p50:.1f}",
                "-" if row.sql is None else f"{row.sql:g}",
                "-" if row.redis is None else f"{row.redis:g}",
                f"{row.kib:.1f}",
            ]
        )
    return markdown(cells)


def targets_table(rows: Sequence[Row]) -> str:
    """Return the targets of quality.md that a ratio decides, and whether its median meets them."""
    by_name = {row.name: row for row in rows}
    cells = [["target", "required", "measured", ""]]
    for row in rows:
        if row.bar is None or not row.ratios or not by_name[row.over].ms:
            continue
        if row.over == "hello":
            found = row.ratios
        else:
            # Both are relative to D in the same round, so other load on the machine cancels out.
            found = [a / b for a, b in zip(row.ratios, by_name[row.over].ratios, strict=True)]
        floor = "D" if row.over == "hello" else by_name[row.over].title
        reached = "met" if statistics.median(found) >= row.bar else "not met"
        if min(found) < row.bar <= max(found):
            reached += ", by a range that crosses it"
        cells.append([row.title, f"at least {row.bar:.2f} × {floor}", spread(found, 2), reached])
    return markdown(cells)


def variants_table(rows: Sequence[Row]) -> str:
    """Return a table of rows without a target, relative to the row they are a variant of; empty if there are none."""
    by_name = {row.name: row for row in rows}
    cells = [["row", "compared with", "measured"]]
    for row in rows:
        plain = by_name.get(row.over)
        if row.bar is None and row.over != "hello" and plain is not None and row.ratios and plain.ratios:
            found = [a / b for a, b in zip(row.ratios, plain.ratios, strict=True)]
            cells.append([row.title, plain.title, f"{spread(found, 2)} ×"])
    return markdown(cells) if len(cells) > 1 else ""


def sockets_table(took: dict[str, list[float]], lost: dict[str, int], kib: float, sockets: int) -> str:
    cells = [["what", "samples", "p50 ms", "p99 ms", "lost"]]
    titles = {"like": "like to socket", "bare": "W: publish to bare socket", "hello": "D: one hello"}
    for name, title in titles.items():
        ms = took[name]
        figures = [f"{percentile(ms, share):.1f}" for share in (0.5, 0.99)] if ms else [NOT_RUN, "-"]
        cells.append([title, str(len(ms)), *figures, str(lost.get(name, 0))])
    table = markdown(cells)
    if not took["like"]:
        return table
    lines = []
    for share, most in ((0.5, 3), (0.99, 5)):
        floor = percentile(took["bare"], share) + percentile(took["hello"], share)
        ratio = percentile(took["like"], share) / floor
        verdict = "met" if ratio <= most else "not met"
        lines.append(f"- p{share * 100:.0f}: {ratio:.1f} × (W + D), target at most {most}: {verdict}.")
    verdict = "met" if kib <= 40 else "not met"
    lines.append(
        f"- {sockets} sockets open, {kib:.0f} KiB of the process for each, target at most 40: {verdict}."
    )
    return f"{table}\n\n" + "\n".join(lines)


def markdown(cells: Sequence[Sequence[str]]) -> str:
    """Return a table that is also readable as text."""
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
