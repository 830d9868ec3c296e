"""Marks: what each kind of file is judged by, before they make one score.

A mark is always a finite number from 0 to 100, whatever it was reckoned from.
"""

import math
from dataclasses import dataclass

from protocol.files import Quality, QualityPart


@dataclass(frozen=True, slots=True)
class Mark:
    """How good one side of a file is, 0 to 100, how much that counts beside the others, and why."""

    name: str
    value: float
    weight: float
    reason: str


def ramp(value: float, bad: float, good: float) -> float:
    """0 where a figure is `bad` or worse, 100 where it is `good` or better, in between in proportion."""
    share = (value - bad) / (good - bad)
    return 0.0 if math.isnan(share) else 100.0 * min(1.0, max(0.0, share))


def decay(amount: float, half: float) -> float:
    """100 for none of something bad, 50 for `half`, and less for each more: it never stops counting."""
    return 100.0 * half / (half + max(0.0, amount))


def combine(marks: list[Mark]) -> Quality | None:
    """The quality that some marks make together; None if there are none."""
    whole = sum(mark.weight for mark in marks)
    if not marks or whole <= 0:
        return None
    parts = [
        QualityPart(
            name=mark.name,
            score=round(_clamped(mark.value)),
            weight=mark.weight / whole,
            reason=mark.reason,
        )
        for mark in marks
    ]
    score = sum(_clamped(mark.value) * mark.weight for mark in marks) / whole
    return Quality(score=round(_clamped(score)), parts=parts)


def _clamped(value: float) -> float:
    return 0.0 if math.isnan(value) else min(100.0, max(0.0, value))
