"""What a file is: by its first bytes, in a package by what is in it, and among texts also by its name."""

import re
from pathlib import PurePosixPath

OCTETS = "application/octet-stream"
PDF = "application/pdf"
ZIP = "application/zip"
HTML = "text/html"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

SIGNATURES = tuple(
    (media_type, re.compile(beginning, re.DOTALL))
    for media_type, beginning in (
        ("image/png", rb"\x89PNG\r\n\x1a\n"),
        ("image/jpeg", rb"\xff\xd8\xff"),
        ("image/gif", rb"GIF8[79]a"),
        ("image/tiff", rb"II\*\0|MM\0\*"),
        ("image/webp", rb"RIFF....WEBP"),
        ("image/bmp", rb"BM....\0\0\0\0"),
        ("image/avif", rb"....ftypavi[fs]"),
        ("image/heic", rb"....ftyphei[cx]"),
        (PDF, rb"%PDF-"),
        ("application/rtf", rb"\{\\rtf"),
        (ZIP, rb"PK(\x03\x04|\x05\x06)"),
        ("application/gzip", rb"\x1f\x8b\x08"),
        ("application/x-bzip2", rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
        ("application/x-xz", rb"\xfd7zXZ\0"),
        ("application/zstd", rb"\x28\xb5\x2f\xfd"),
        ("application/x-7z-compressed", rb"7z\xbc\xaf\x27\x1c"),
        ("application/vnd.rar", rb"Rar!\x1a\x07"),
        ("application/x-tar", rb".{257}ustar"),
        ("audio/wav", rb"RIFF....WAVE"),
        ("audio/flac", rb"fLaC\0"),
        ("audio/mpeg", rb"ID3[\x02-\x04]|\xff[\xfb\xfa\xf3\xf2][^\xff]"),
        ("audio/ogg", rb"OggS\0"),
        ("audio/mp4", rb"....ftypM4[AB] "),
        ("video/quicktime", rb"....ftypqt  "),
        ("video/mp4", rb"....ftyp"),
        ("video/webm", rb"\x1a\x45\xdf\xa3.{0,60}webm"),
        ("video/x-matroska", rb"\x1a\x45\xdf\xa3"),
    )
)
PACKAGES = {"word/document.xml": WORD, "xl/workbook.xml": SHEETS, "ppt/presentation.xml": SLIDES}
"""What is a ZIP archive too, by an entry that it has."""
DECLARED = {
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
}
"""What is a ZIP archive too, and says so in an entry `mimetype`."""
NAMED = {
    "bash": "text/x-shellscript",
    "c": "text/x-c",
    "cc": "text/x-c++",
    "cjs": "text/javascript",
    "cpp": "text/x-c++",
    "cs": "text/x-csharp",
    "css": "text/css",
    "csv": "text/csv",
    "dart": "text/x-dart",
    "go": "text/x-go",
    "h": "text/x-c",
    "hpp": "text/x-c++",
    "java": "text/x-java",
    "js": "text/javascript",
    "jsx": "text/javascript",
    "kt": "text/x-kotlin",
    "lua": "text/x-lua",
    "markdown": "text/markdown",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "php": "text/x-php",
    "pl": "text/x-perl",
    "py": "text/x-python",
    "pyi": "text/x-python",
    "r": "text/x-r",
    "rb": "text/x-ruby",
    "rs": "text/x-rust",
    "rst": "text/x-rst",
    "scala": "text/x-scala",
    "sh": "text/x-shellscript",
    "sql": "application/sql",
    "swift": "text/x-swift",
    "tex": "text/x-tex",
    "toml": "application/toml",
    "ts": "text/x-typescript",
    "tsv": "text/tab-separated-values",
    "tsx": "text/x-typescript",
    "vue": "text/x-vue",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
"""Texts that only their names tell apart, by what these end in."""

_SVG = re.compile(r"(<\?xml[^>]*>\s*)?<svg[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(!doctype html|html|head|body)[\s>]", re.IGNORECASE)
_JSON = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]')


def binary(head: bytes) -> str | None:
    """What begins like this, if that tells; ZIP for all that is one."""
    return next((media_type for media_type, beginning in SIGNATURES if beginning.match(head)), None)


def textual(said: str, name: str) -> str:
    """Which kind of text this is the beginning of."""
    ending = PurePosixPath(name.lower()).suffix.removeprefix(".")
    start = said[:1_000].lstrip()
    if ending in NAMED:
        return NAMED[ending]
    if _SVG.match(start):
        return "image/svg+xml"
    if _HTML.match(start):
        return HTML
    if start.startswith("<?xml"):
        return "application/xml"
    return "application/json" if _JSON.match(start) else "text/plain"
