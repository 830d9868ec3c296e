"""Draw the charts that standard input describes into the folder named: one group of bars for each case."""

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

OURS = "#2563eb"
OTHERS = "#94a3b8"
FLOOR = "#d6d3d1"
SPREAD = 100
"""From this ratio of the greatest to the least on, the axis is logarithmic."""


def draw(chart: dict[str, Any], folder: Path) -> None:
    """One chart: a panel for each case, a bar for each server, with the range of the rounds."""
    cases = list(dict.fromkeys(row["case"] for row in chart["rows"]))
    height = sum(0.32 * sum(row["case"] == case for row in chart["rows"]) + 0.9 for case in cases)
    sizes = [sum(row["case"] == case for row in chart["rows"]) + 1.5 for case in cases]
    figure = Figure(figsize=(9, height))
    axes = figure.subplots(len(cases), 1, squeeze=False, gridspec_kw={"height_ratios": sizes})
    for axis, case in zip(axes[:, 0], cases, strict=True):
        rows = [row for row in chart["rows"] if row["case"] == case][::-1]
        values = [row["median"] for row in rows]
        errors = [
            [row["median"] - row["min"] for row in rows],
            [row["max"] - row["median"] for row in rows],
        ]
        colours = [_colour(row["peer"]) for row in rows]
        axis.barh(
            [row["peer"] for row in rows], values, xerr=errors, color=colours, ecolor="#475569", capsize=2
        )
        if min(values) > 0 and max(values) / min(values) > SPREAD:
            axis.set_xscale("log")
        axis.set_title(f"{case} – {chart['label']}", loc="left", fontsize=10)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(folder / f"bench-{chart['name']}.png", dpi=110, metadata={"Software": ""})


def _colour(peer: str) -> str:
    if peer.startswith("YMERA"):
        return OURS
    return FLOOR if peer.startswith("floor") else OTHERS


if __name__ == "__main__":
    for each in json.load(sys.stdin):
        if each["rows"]:
            draw(each, Path(sys.argv[1]))
