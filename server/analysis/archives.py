"""Archives: a list of what is in them, from which they are never unpacked.

To list a compressed tar it must be decompressed, though nothing of it is kept; that ends at a limit. What
would harm whoever unpacks an archive is named: bombs, and names that lead out of the folder.
"""

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import Any

from server.analysis.reading import Reading, Unreadable

MAX_ENTRIES = 10_000
"""Entries that are listed; the others are only counted."""
MAX_EXPANDED = 256 * 1024 * 1024
"""Bytes that are decompressed to see what is in an archive; what comes after them is not listed."""
BOMB_RATIO = 200
"""More bytes than this out of one, and it is taken for a bomb, where they are many."""
BOMB_BYTES = 100 * 1024 * 1024
MAX_NAMES = 20
"""Names that are given as examples."""

_UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|[\x00-\x1f]")
_ARCHIVE = re.compile(r"\.(zip|jar|war|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|7z|rar)$", re.IGNORECASE)
_OPENERS: dict[str, Callable[[Path], BufferedIOBase]] = {
    "application/gzip": gzip.GzipFile,
    "application/x-bzip2": bz2.BZ2File,
    "application/x-xz": lzma.LZMAFile,
}
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, ValueError)


@dataclass(slots=True)
class Listing:
    """What is in an archive."""

    lines: list[str] = field(default_factory=list)
    entries: int = 0
    expanded: int = 0
    """Bytes, as the archive itself says."""
    unsafe: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)

    def add(self, name: str, size: int, *, leads_to: str = "") -> None:
        """Take an entry in; a link leads elsewhere."""
        self.entries += 1
        self.expanded += size
        if self.entries <= MAX_ENTRIES:
            self.lines.append(f"{name} -> {leads_to}" if leads_to else f"{name}\t{size}")
        if (_UNSAFE.search(name) or _UNSAFE.search(leads_to)) and len(self.unsafe) < MAX_NAMES:
            self.unsafe.append(name)
        if _ARCHIVE.search(name) and len(self.nested) < MAX_NAMES:
            self.nested.append(name)


def read(path: Path, reading: Reading) -> None:
    """List what is in an archive. Unreadable if it is broken, or a bomb."""
    listing = Listing()
    try:
        if zipped(reading.media_type):
            _list_zip(path, listing, reading.metadata)
        elif reading.media_type == "application/x-tar":
            _list_tar(path, listing)
        elif reading.media_type in _OPENERS:
            _list_compressed(path, listing, reading)
        else:
            return
    except _BROKEN as error:
        raise Unreadable(f"It is broken or cut off: {error}.") from None
    finally:
        _tell(listing, path.stat().st_size, reading)
    if is_bomb(listing.expanded, path.stat().st_size):
        raise Unreadable(f"It is a bomb: unpacked it would take {listing.expanded:,} bytes.")


def zipped(media_type: str) -> bool:
    """Whether a type of archive is ZIP inside."""
    return media_type in {
        "application/zip",
        "application/java-archive",
        "application/vnd.android.package-archive",
    }


def is_bomb(expanded: int, packed: int) -> bool:
    """Whether so many bytes out of so many are more than any honest archive has."""
    return expanded > BOMB_BYTES and expanded > BOMB_RATIO * packed


def _list_zip(path: Path, listing: Listing, metadata: dict[str, Any]) -> None:
    with zipfile.ZipFile(path) as archive:
        packed = 0
        for entry in archive.infolist():
            packed += entry.compress_size
            if entry.flag_bits & 1:
                metadata["encrypted"] = True
            # As it stands in the archive, before Python makes it harmless.
            listing.add(entry.orig_filename, entry.file_size)
    if packed > path.stat().st_size:
        metadata["overlapping"] = True


def _list_tar(path: Path, listing: Listing) -> None:
    with tarfile.open(path, "r:") as archive:
        _take_in(archive, listing)


def _list_compressed(path: Path, listing: Listing, reading: Reading) -> None:
    with _OPENERS[reading.media_type](path) as source:
        measured = _Measured(source, path.stat().st_size)
        try:
            with tarfile.open(fileobj=measured, mode="r|") as archive:
                _take_in(archive, listing)
        except tarfile.TarError:
            if listing.entries and measured.expanded <= MAX_EXPANDED:
                raise
        # What comes after the last entry is decompressed too by whoever unpacks it. Without any entry it is
        # one compressed file and no archive, of which only the size is to be known.
        while measured.read(1 << 20):
            pass
    if not listing.entries:
        listing.expanded = measured.expanded
    if measured.expanded > MAX_EXPANDED:
        reading.metadata["truncated"] = True


def _take_in(archive: tarfile.TarFile, listing: Listing) -> None:
    for entry in archive:
        listing.add(entry.name, entry.size if entry.isreg() else 0, leads_to=entry.linkname)


class _Measured(RawIOBase):
    """What is decompressed of a file, which ends where it becomes too much; Unreadable if it is a bomb."""

    def __init__(self, source: BufferedIOBase, packed: int) -> None:
        self._source = source
        self._packed = packed
        self.expanded = 0

    def read(self, size: int = -1) -> bytes:
        if self.expanded > MAX_EXPANDED:
            return b""
        content = self._source.read(size)
        self.expanded += len(content)
        if is_bomb(self.expanded, self._packed):
            raise Unreadable(f"It is a bomb: {self.expanded:,} bytes or more are in its {self._packed:,}.")
        return content


def _tell(listing: Listing, packed: int, reading: Reading) -> None:
    reading.metadata |= {"entries": listing.entries, "expanded_bytes": listing.expanded}
    if packed:
        reading.metadata["ratio"] = round(listing.expanded / packed, 1)
    if listing.unsafe:
        reading.metadata["unsafe_names"] = listing.unsafe
    if listing.nested:
        reading.metadata["nested_archives"] = listing.nested
    if listing.lines:
        reading.pages = ["\n".join(listing.lines)]
