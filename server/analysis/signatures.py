"""By which bytes and names formats are known. The first that fits is what a file is."""

import re
from dataclasses import dataclass

from protocol.files import ContentKind

OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Signature:
    """A format whose files begin like this."""

    media_type: str
    kind: ContentKind
    beginning: re.Pattern[bytes]


def _signature(media_type: str, kind: ContentKind, beginning: bytes) -> Signature:
    return Signature(media_type, kind, re.compile(beginning, re.DOTALL))


_IMAGE, _DOCUMENT, _ARCHIVE = ContentKind.IMAGE, ContentKind.DOCUMENT, ContentKind.ARCHIVE
_AUDIO, _VIDEO, _OTHER = ContentKind.AUDIO, ContentKind.VIDEO, ContentKind.OTHER

SIGNATURES = (
    _signature("image/png", _IMAGE, rb"\x89PNG\r\n\x1a\n"),
    _signature("image/jpeg", _IMAGE, rb"\xff\xd8\xff"),
    _signature("image/gif", _IMAGE, rb"GIF8[79]a"),
    _signature("image/tiff", _IMAGE, rb"II\*\0|MM\0\*"),
    _signature("image/webp", _IMAGE, rb"RIFF....WEBP"),
    _signature("image/vnd.adobe.photoshop", _IMAGE, rb"8BPS\0"),
    _signature("image/jp2", _IMAGE, rb"\0\0\0\x0cjP  \r\n\x87\n"),
    _signature("image/jxl", _IMAGE, rb"\0\0\0\x0cJXL \r\n\x87\n"),
    _signature("image/vnd.microsoft.icon", _IMAGE, rb"\0\0\x01\0[^\0]\0"),
    _signature("image/x-icns", _IMAGE, rb"icns\0"),
    _signature("image/qoi", _IMAGE, rb"qoif\0"),
    _signature("image/bmp", _IMAGE, rb"BM....\0\0\0\0"),
    _signature("application/pdf", _DOCUMENT, rb"%PDF-"),
    _signature("application/rtf", _DOCUMENT, rb"\{\\rtf"),
    _signature("application/x-ole-storage", _DOCUMENT, rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _signature("application/zip", _ARCHIVE, rb"PK(\x03\x04|\x05\x06)"),
    _signature("application/gzip", _ARCHIVE, rb"\x1f\x8b\x08"),
    _signature("application/x-bzip2", _ARCHIVE, rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    _signature("application/x-xz", _ARCHIVE, rb"\xfd7zXZ\0"),
    _signature("application/zstd", _ARCHIVE, rb"\x28\xb5\x2f\xfd"),
    _signature("application/x-7z-compressed", _ARCHIVE, rb"7z\xbc\xaf\x27\x1c"),
    _signature("application/vnd.rar", _ARCHIVE, rb"Rar!\x1a\x07"),
    _signature("application/x-tar", _ARCHIVE, rb".{257}ustar"),
    _signature("audio/wav", _AUDIO, rb"RIFF....WAVE"),
    _signature("audio/flac", _AUDIO, rb"fLaC\0"),
    _signature("audio/aiff", _AUDIO, rb"FORM....AIF[FC]"),
    _signature("audio/midi", _AUDIO, rb"MThd\0"),
    _signature("audio/mpeg", _AUDIO, rb"ID3[\x02-\x04]|\xff[\xfb\xfa\xf3\xf2][^\xff]"),
    _signature("audio/ogg", _AUDIO, rb"OggS\0"),
    _signature("video/x-msvideo", _VIDEO, rb"RIFF....AVI "),
    _signature("video/x-matroska", _VIDEO, rb"\x1a\x45\xdf\xa3"),
    _signature("video/mp4", _VIDEO, rb"....ftyp"),
    _signature("video/x-ms-asf", _VIDEO, rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    _signature("video/x-flv", _VIDEO, rb"FLV\x01"),
    _signature("video/mpeg", _VIDEO, rb"\0\0\x01\xba"),
    _signature("application/x-elf", _OTHER, rb"\x7fELF"),
    _signature("application/vnd.microsoft.portable-executable", _OTHER, rb"MZ.{0,60}\0"),
    _signature("application/x-mach-binary", _OTHER, rb"[\xce\xcf]\xfa\xed\xfe"),
    _signature("application/wasm", _OTHER, rb"\0asm"),
    _signature("application/java-vm", _OTHER, rb"\xca\xfe\xba\xbe"),
    _signature("application/vnd.sqlite3", _OTHER, rb"SQLite format 3\0"),
    _signature("application/vnd.apache.parquet", _OTHER, rb"PAR1"),
    _signature("font/woff2", _OTHER, rb"wOF2"),
    _signature("font/woff", _OTHER, rb"wOFF"),
    _signature("font/otf", _OTHER, rb"OTTO\0"),
    _signature("font/ttf", _OTHER, rb"\0\x01\0\0\0"),
    _signature("font/collection", _OTHER, rb"ttcf\0"),
)
"""Some stand for a family, whose members `formats` tells apart."""

BRANDS = {
    b"heic": ("image/heic", _IMAGE),
    b"heix": ("image/heic", _IMAGE),
    b"mif1": ("image/heif", _IMAGE),
    b"avif": ("image/avif", _IMAGE),
    b"avis": ("image/avif", _IMAGE),
    b"M4A ": ("audio/mp4", _AUDIO),
    b"M4B ": ("audio/mp4", _AUDIO),
    b"qt  ": ("video/quicktime", _VIDEO),
    b"crx ": ("image/x-canon-cr3", _IMAGE),
}
"""What else begins as MP4 does, by its brand."""

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

PACKAGES = {
    "word/document.xml": (_WORD, _DOCUMENT),
    "xl/workbook.xml": (_SHEET, ContentKind.TABLE),
    "xl/workbook.bin": ("application/vnd.ms-excel.sheet.binary.macroenabled.12", ContentKind.TABLE),
    "ppt/presentation.xml": (_SLIDES, _DOCUMENT),
    "AndroidManifest.xml": ("application/vnd.android.package-archive", _ARCHIVE),
    "META-INF/MANIFEST.MF": ("application/java-archive", _ARCHIVE),
}
"""What else is a ZIP archive, by an entry that it has."""

DECLARED = {
    "application/vnd.oasis.opendocument.text": _DOCUMENT,
    "application/vnd.oasis.opendocument.presentation": _DOCUMENT,
    "application/vnd.oasis.opendocument.graphics": _DOCUMENT,
    "application/vnd.oasis.opendocument.spreadsheet": ContentKind.TABLE,
    "application/epub+zip": _DOCUMENT,
}
"""What else is a ZIP archive, by the type that its entry `mimetype` gives."""

STORAGES = {
    "WordDocument": ("application/msword", _DOCUMENT),
    "Workbook": ("application/vnd.ms-excel", ContentKind.TABLE),
    "PowerPoint Document": ("application/vnd.ms-powerpoint", _DOCUMENT),
    "__properties_version1.0": ("application/vnd.ms-outlook", _DOCUMENT),
}
"""What an OLE storage is, by the name of a stream in it."""

EXTENSIONS = {
    "c": "text/x-c",
    "h": "text/x-c",
    "cc": "text/x-c++",
    "cpp": "text/x-c++",
    "hpp": "text/x-c++",
    "cs": "text/x-csharp",
    "css": "text/css",
    "scss": "text/x-scss",
    "dart": "text/x-dart",
    "ex": "text/x-elixir",
    "exs": "text/x-elixir",
    "go": "text/x-go",
    "hs": "text/x-haskell",
    "java": "text/x-java",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "cjs": "text/javascript",
    "jsx": "text/javascript",
    "jl": "text/x-julia",
    "kt": "text/x-kotlin",
    "lua": "text/x-lua",
    "php": "text/x-php",
    "pl": "text/x-perl",
    "py": "text/x-python",
    "pyi": "text/x-python",
    "r": "text/x-r",
    "rb": "text/x-ruby",
    "rs": "text/x-rust",
    "scala": "text/x-scala",
    "sh": "text/x-shellscript",
    "bash": "text/x-shellscript",
    "sql": "application/sql",
    "swift": "text/x-swift",
    "ts": "text/x-typescript",
    "tsx": "text/x-typescript",
    "vue": "text/x-vue",
}
"""Programming languages: only the name tells most of them from other text."""

PLAIN = {
    "md": "text/markdown",
    "markdown": "text/markdown",
    "rst": "text/x-rst",
    "tex": "text/x-tex",
    "toml": "application/toml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "log": "text/plain",
}
"""Other text that only the name tells apart."""

INTERPRETERS = {
    b"python": "text/x-python",
    b"node": "text/javascript",
    b"ruby": "text/x-ruby",
    b"perl": "text/x-perl",
    b"php": "text/x-php",
    b"sh": "text/x-shellscript",
    b"bash": "text/x-shellscript",
}
"""By the program that the first line names."""
