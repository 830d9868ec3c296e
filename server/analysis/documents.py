"""Documents that people write: their text by pages or slides, and what they say of themselves."""

from pathlib import Path
from typing import Any

import kreuzberg

from server.analysis.reading import Reading, Unreadable

_CONFIG = kreuzberg.ExtractionConfig(
    # A cache would outlive the reading, and one thread is what a process with so little room has use for.
    use_cache=False,
    concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    enable_quality_processing=False,
    pages=kreuzberg.PageConfig(extract_pages=True),
    output_format="plain",
)
# What is packed into a document is not looked into.
_CONFIG.max_archive_depth = 0

_FACTS = (
    "title",
    "subject",
    "authors",
    "keywords",
    "description",
    "language",
    "created_by",
    "created_at",
    "modified_by",
    "modified_at",
    "application",
    "page_count",
    "slide_count",
    "from_email",
    "to_emails",
    "cc_emails",
    "date",
    "attachments",
)


def extract(path: Path, media_type: str) -> kreuzberg.ExtractionResult:
    """Everything that can be extracted from a document. Unreadable if it is broken."""
    try:
        return kreuzberg.extract_file_sync(path, media_type, _CONFIG)
    except kreuzberg.KreuzbergError as error:
        raise Unreadable(f"It is broken: {error.message}") from None


def read(path: Path, reading: Reading) -> None:
    """Read a document's text and metadata. Unreadable if it is broken."""
    result = extract(path, reading.media_type)
    reading.metadata |= describe(result)
    reading.pages = _pages(result)


def facts(result: kreuzberg.ExtractionResult) -> dict[str, Any]:
    """All metadata of a document, whose names depend on its format."""
    return {**result.metadata}


def describe(result: kreuzberg.ExtractionResult) -> dict[str, Any]:
    """What a document says of itself."""
    said = facts(result)
    return {name: said[name] for name in _FACTS if said.get(name)}


def _pages(result: kreuzberg.ExtractionResult) -> list[str]:
    content = result.content.encode()
    structure = facts(result).get("pages") or {}
    bounds = structure.get("boundaries") or [{"byte_start": 0, "byte_end": len(content)}]
    pages = (content[bound["byte_start"] : bound["byte_end"]] for bound in bounds)
    return [page.decode("utf-8", "replace").strip() for page in pages]
