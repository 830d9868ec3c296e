"""Source text: bytes as characters, whatever they are encoded in."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decoded(data: bytes) -> str:
    """The text of some bytes: by their mark, as UTF-8, or else as the Western one of Windows."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 4:  # a character cut off at the end of what was read
            return data.decode(encoding, errors="replace")
        return data.decode("cp1252", errors="replace")
