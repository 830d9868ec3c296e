"""Spelling-like noise: what in a text looks as if it had been mistyped, misread or misdecoded.

A word that a dictionary lacks is no mistake by itself: names and terms are written more than once, or with a
capital, or beside code. Counted are words that are unknown and stand alone. Languages without a dictionary
are judged by what is wrong in any of them.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from spellchecker import SpellChecker

from server.analysis.quality.prose import WORD

LANGUAGES = frozenset({"de", "en", "fr", "it", "nl", "pt"})
"""Those with a dictionary that knows most forms of words (ISO 639-1)."""
MAX_WORDS = 60_000
"""Words of a text that are looked at."""
MAX_LETTERS = 40
"""Of a word; what is longer is none."""

_DOUBLED = re.compile(r"\b([^\W\d_A-ZÀ-Þ]{2,40})\s{1,3}\1\b")
_TRIPLE = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"^[^\W\d_]*[a-zß-ÿ][A-ZÀ-Þ]+[a-zß-ÿ]*$|^[a-zß-ÿ]+[A-ZÀ-Þ]$")
_PIERCED = re.compile(r"[a-zß-ÿ]{2}[0-9#$%^&*~|<>{}\[\]=+!?;,][a-zß-ÿ]")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]|Ã[\x80-\xbf]|â€|Â[\x80-\xbf]")
_SPACED = re.compile(r"\w {1,3}[,.;!?](?=\s|$)|\w[,;!?](?=[^\W\d_]{3})")


@dataclass(frozen=True, slots=True)
class Noise:
    """How many words were looked at, and what in them is odd, by what it is."""

    words: int
    odd: Counter[str]
    examples: list[str]

    @property
    def per_thousand(self) -> float:
        """Oddities for each thousand words."""
        return 1000 * sum(self.odd.values()) / max(1, self.words)


def noise(text: str, language: str | None) -> Noise:
    """What looks mistyped in a text that holds no code."""
    words = WORD.findall(text)[:MAX_WORDS]
    counts = Counter(word.lower() for word in words)
    unknown = _unknown(words, counts, language)
    odd = Counter(
        {
            "unknown words": len(unknown),
            "malformed words": sum(_is_malformed(word) for word in words) + len(_PIERCED.findall(text)),
            "doubled words": len(_DOUBLED.findall(text)),
            "unreadable characters": len(_UNREADABLE.findall(text)),
            "stray punctuation": len(_SPACED.findall(text)),
        }
    )
    return Noise(len(words), +odd, sorted(unknown)[:3])


def _is_malformed(word: str) -> bool:
    return len(word) > MAX_LETTERS or bool(_TRIPLE.search(word)) or bool(_INNER_CAPITAL.match(word))


def _unknown(words: list[str], counts: Counter[str], language: str | None) -> set[str]:
    """Words written once or twice, always small, that the dictionary has neither whole nor in parts."""
    if language not in LANGUAGES:
        return set()
    capital = {word.lower() for word in words if not word.islower()}
    rare = {
        word
        for word, count in counts.items()
        if count <= 2 and word not in capital and 2 < len(word) <= MAX_LETTERS
    }
    known = dictionary(language)
    return {word for word in rare if not _is_known_whole(word, known, counts)}


def _is_known_whole(word: str, known: SpellChecker, counts: Counter[str]) -> bool:
    plain = word.replace("’", "'")
    return plain in known or all(_is_known(part, known, counts) for part in re.split("[-']", plain))


def _is_known(word: str, known: SpellChecker, counts: Counter[str]) -> bool:
    """Also as a known word with a usual beginning or ending, and as two known words in one."""
    if len(word) < 3 or word in known:
        return True
    stems = [
        word[: -len(end)] for end in ("s", "es", "ed", "d", "ing", "able", "er", "ly") if word.endswith(end)
    ]
    stems += [
        word[len(start) :] for start in ("un", "re", "non", "pre", "sub", "de") if word.startswith(start)
    ]
    if any(len(stem) > 3 and (stem in known or counts[stem] > 2) for stem in stems):
        return True
    return any(word[:i] in known and word[i:] in known for i in range(4, len(word) - 3))


@lru_cache(maxsize=2)
def dictionary(language: str) -> SpellChecker:
    """The words of a language, which take a while to be loaded."""
    return SpellChecker(language=language, distance=1)
