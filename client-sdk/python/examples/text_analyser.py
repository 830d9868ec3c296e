"""Says how a text reads: its language, length, readability, keywords and longest sentence.

    YMERA_URL=… YMERA_TOKEN=… python text_analyser.py

The run's output shows each paragraph as it is read. Of a file it leaves a report beside it in the project.
"""

import re
from collections import Counter
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from ymera_client import Agent, Fatal, Run

COMMON = {
    "de": "der die das und ist nicht ein eine mit sich auf für von dem den zu im auch wird war",
    "en": "the of and to in is that it for was with as on are be this by have not you at from",
    "es": "el la los las de que y en un una por con para no es se del al como más",
    "fr": "le la les des et est dans que qui pour pas une un sur au avec ce il sont du",
    "it": "il lo la gli che di e è per un una non con del sono come più al da si",
}
WORDS = {language: set(words.split()) for language, words in COMMON.items()}

agent = Agent(version="1.0")


class Analysis(Struct):
    """What a text is like. `ease` is Flesch's: 100 is very easy, 0 very hard."""

    language: str
    words: int
    sentences: int
    minutes_to_read: float
    ease: float
    keywords: list[str]
    longest_sentence: str


@agent.capability("analyse_file", concurrency=8)
async def analyse_file(
    run: Run,
    *,
    file_id: Annotated[str, Meta(description="A text file of the project, in UTF-8.")],
    keywords: Annotated[int, Meta(ge=0, le=50)] = 8,
) -> Analysis:
    """Say how a text file reads, and put a report into the folder «reports»."""
    try:
        text = (await run.files.read(file_id)).decode()
    except UnicodeDecodeError as error:
        raise Fatal(f"The file is no text in UTF-8: {error}.", cause="invalid") from error
    analysis = await analyse(run, description=text, keywords=keywords)
    report = "".join(f"- {name}: {value}\n" for name, value in asdict(analysis).items())
    await run.files.upload(report.encode(), name="reading.md", folder="reports", conflict="version")
    return analysis


@agent.capability("analyse_text", concurrency=8)
async def analyse(
    run: Run,
    *,
    description: Annotated[str, Meta(min_length=1, description="The text; a task's description by default.")],
    keywords: Annotated[int, Meta(ge=0, le=50)] = 8,
) -> Analysis:
    """Say how a text reads: its language, length, readability and keywords."""
    if not re.search(r"\w", description):
        raise Fatal("The text has no words.", cause="invalid")
    paragraphs = [part for part in re.split(r"\n\s*\n", description) if re.search(r"\w", part)]
    for number, paragraph in enumerate(paragraphs, 1):
        words, sentences = split(paragraph)
        await run.output(f"§{number}: {len(words)} words, ease {ease(words, len(sentences)):.0f}\n")
        await run.progress(number / len(paragraphs), f"paragraph {number} of {len(paragraphs)}")
    words, sentences = split(description)
    language = max(WORDS, key=lambda each: sum(word in WORDS[each] for word in words))
    counts = Counter(word for word in words if len(word) > 3 and word not in WORDS[language])
    best = [word for word, _ in counts.most_common(keywords)]
    run.summary = f"{len(words)} words in {language}, about {', '.join(best[:3])}"
    return Analysis(
        language=language,
        words=len(words),
        sentences=len(sentences),
        minutes_to_read=round(len(words) / 230, 1),
        ease=round(ease(words, len(sentences)), 1),
        keywords=best,
        longest_sentence=max(sentences, key=len).strip(),
    )


def split(text: str) -> tuple[list[str], list[str]]:
    sentences = [each for each in re.split(r"(?<=[.!?…])\s+", text) if re.search(r"\w", each)]
    return re.findall(r"[^\W\d_]+", text.lower()) or [""], sentences


def ease(words: list[str], sentences: int) -> float:
    syllables = sum(max(1, len(re.findall(r"[aeiouyäöüàèéêíóúáù]+", word))) for word in words)
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words)


if __name__ == "__main__":
    agent.run()
