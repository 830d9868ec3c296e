"""Text: whether it can be read, is in order, is free of noise, and says things once.

Everything is counted in the text itself; no part knows whether what it says is true.
"""

import re
from collections import Counter
from itertools import pairwise

from server.analysis.quality.marks import Mark, decay, ramp
from server.analysis.quality.prose import MAX_CHARACTERS, Block, BlockKind, blocks
from server.analysis.quality.spelling import noise

MIN_PARAGRAPHS = 12
MAX_PARAGRAPHS = 120
"""How many paragraphs are compared with each other; of fewer, nothing can be told."""
SHINGLE = 8
"""Words in a row that count as said twice when they are."""
WORDS_PER_HEADING = 200
"""A text longer than this is expected to have headings, about one for so many words."""
LONG_PARAGRAPH = 150
"""Words from which on a paragraph is a wall."""

_UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese."""


def judge_text(text: str, language: str | None) -> list[Mark]:
    """The marks of a text, of which the first 400,000 characters are read."""
    lines, strange = _sorted_lines(text[:MAX_CHARACTERS])
    parts = blocks("\n".join(lines))
    words = sum(len(block.words) for block in parts if block.kind is not BlockKind.CODE)
    if words == 0:
        return [Mark("readability", 0, 1, "There are no words to read.")]
    note = f" The first {MAX_CHARACTERS:,} characters were read." if len(text) > MAX_CHARACTERS else ""
    return [
        *_readability(parts, note),
        _structure(parts, words),
        _noise(parts, language, strange / max(1, len(lines))),
        _duplication(parts),
        *_flow(parts),
    ]


def judge_language(text: str, language: str | None) -> list[Mark]:
    """The marks of the text of something whose layout is not its own: noise and duplication only."""
    lines, strange = _sorted_lines(text[:MAX_CHARACTERS])
    parts = blocks("\n".join(lines))
    if not any(block.words for block in parts):
        return []
    return [_noise(parts, language, strange / max(1, len(lines))), _duplication(parts)]


def _noise(parts: list[Block], language: str | None, strange: float) -> Mark:
    """How much looks mistyped, misread or misdecoded."""
    prose = [block for block in parts if block.kind is not BlockKind.CODE]
    found = noise("\n".join(block.language for block in prose), language)
    kinds = ", ".join(f"{kind} {count}" for kind, count in found.odd.items()) or "nothing odd"
    like = f" such as {', '.join(map(repr, found.examples))}" if found.examples else ""
    return Mark(
        "noise",
        decay(found.per_thousand, 30) * ramp(strange, 0.3, 0) / 100,
        0.3,
        f"In {found.words:,} words: {kinds}{like}; {strange:.0%} of the lines are mostly signs.",
    )


def _duplication(parts: list[Block]) -> Mark:
    """How much is said more than once, in the same words."""
    words = [word.lower() for block in parts for word in block.words]
    shingles = Counter(tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
    again = sum(count - 1 for count in shingles.values())
    share = again / max(1, shingles.total())
    return Mark(
        "duplication",
        100 * (1 - share) ** 2,
        0.2,
        f"{share:.0%} of {len(words):,} words repeat {SHINGLE} words in a row from before.",
    )


def _readability(parts: list[Block], note: str) -> list[Mark]:
    """LIX (Björnsson 1968): words in a sentence, and how many in a hundred have more than six letters.

    None in scripts that put no spaces between words.
    """
    prose = [block for block in parts if block.kind in {BlockKind.PARAGRAPH, BlockKind.ITEM}] or parts
    words = [word for block in prose for word in block.words]
    if sum(len(_UNSPACED.findall(word)) for word in words) > 0.3 * sum(map(len, words)):
        return []
    sentences = sum(len(block.sentences) for block in prose)
    length = len(words) / max(1, sentences)
    long = sum(len(word) > 6 for word in words) / max(1, len(words))
    lix = length + 100 * long
    value = ramp(lix, 90, 45) * min(1.0, length / 5)
    reason = (
        f"{length:.0f} words in a sentence and {long:.0%} long words make a LIX of {lix:.0f} "
        f"(easy below 45).{note}"
    )
    return [Mark("readability", value, 0.2, reason)]


def _structure(parts: list[Block], words: int) -> Mark:
    """Headings for its length and in order, each with something below it, and no walls of text."""
    headings = [block for block in parts if block.kind is BlockKind.HEADING]
    expected = words // WORDS_PER_HEADING
    enough = min(1.0, len(headings) / expected) if expected else 1.0
    faults = _heading_faults(parts)
    order = 1 - faults / max(1, len(headings))
    walls = sum(len(block.words) for block in parts if len(block.words) > LONG_PARAGRAPH)
    airy = 1 - walls / words
    return Mark(
        "structure",
        100 * (0.7 * enough * order + 0.3 * airy),
        0.2,
        f"{len(headings)} headings in {words:,} words, {faults} of them out of order or with nothing below; "
        f"{walls / words:.0%} of the words are in paragraphs of more than {LONG_PARAGRAPH}.",
    )


def _heading_faults(parts: list[Block]) -> int:
    """Headings of known rank that skip one, that nothing follows, or that rank above the first."""
    faults = 0
    top = rank = 0
    for block, after in pairwise([*parts, None]):
        if block is None or block.kind is not BlockKind.HEADING or not block.level:
            continue
        empty = after is None or (after.kind is BlockKind.HEADING and after.level <= block.level)
        top = top or block.level
        faults += empty or block.level > rank + 1 > 1 or block.level < top
        rank = block.level
    return faults


def _flow(parts: list[Block]) -> list[Mark]:
    """Whether neighbouring paragraphs share more words than distant ones; none of a few paragraphs."""
    bags = [bag for block in parts if len(bag := _bag(block)) >= 8][:MAX_PARAGRAPHS]
    if len(bags) < MIN_PARAGRAPHS:
        return []
    spread = Counter(word for bag in bags for word in bag)
    rare = [{word for word in bag if spread[word] <= max(2, len(bags) // 2)} for bag in bags]
    near = [_likeness(one, other) for one, other in pairwise(rare)]
    far = [_likeness(one, other) for i, one in enumerate(rare) for other in rare[i + 3 :]]
    close, distant = sum(near) / len(near), sum(far) / max(1, len(far))
    ratio = close / distant if distant else (2.0 if close else 1.0)
    reason = f"Paragraphs share {ratio:.1f} times as many words with the next one as with others."
    return [Mark("flow", ramp(ratio, 0.6, 2.0), 0.1, reason)]


def _bag(block: Block) -> frozenset[str]:
    return frozenset(word[:7].lower() for word in block.words if len(word) > 3)


def _likeness(one: set[str], other: set[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) * len(other)) ** 0.5 if shared else 0.0


def _sorted_lines(text: str) -> tuple[list[str], int]:
    """The lines of a text without those of mere signs, and how many these were."""
    lines = text.splitlines()
    good = [line for line in lines if not _is_strange(line.strip())]
    return good, len(lines) - len(good)


def _is_strange(line: str) -> bool:
    """Whether it is mostly signs, and neither a rule nor a table."""
    if len(line) < 8 or len(set(line)) <= 5 or line.startswith(("|", "+-")):
        return False
    return sum(c.isalnum() or c.isspace() for c in line) < 0.55 * len(line)
