"""Sound and film: how long they are, how they are coded, and what their tags say."""

from pathlib import Path
from typing import Any

from pymediainfo import MediaInfo

from server.analysis.reading import Reading, Unreadable

_GENERAL = {
    "format": "format",
    "overall_bit_rate": "bit_rate",
    "title": "title",
    "track_name": "title",
    "performer": "artist",
    "album": "album",
    "genre": "genre",
    "recorded_date": "recorded_at",
    "encoded_date": "encoded_at",
    "writing_application": "application",
}
_AUDIO = {
    "format": "audio_format",
    "sampling_rate": "sampling_rate",
    "channel_s": "channels",
    "language": "language",
}
_VIDEO = {
    "format": "video_format",
    "width": "width",
    "height": "height",
    "frame_rate": "frame_rate",
    "rotation": "rotation",
}


def read(path: Path, reading: Reading) -> None:
    """Read the metadata of sound or film. Unreadable if there is none in it."""
    found: dict[str, Any] = {}
    tracks = MediaInfo.parse(path).tracks
    for track in tracks:
        said = track.to_data()
        names = {"General": _GENERAL, "Audio": _AUDIO, "Video": _VIDEO}.get(track.track_type, {})
        # Of several tracks of a kind, the first is what is played.
        found |= {name: said[key] for key, name in names.items() if key in said and name not in found}
        if track.track_type == "General" and "duration" in said:
            found["seconds"] = float(said["duration"]) / 1000
    if not any(track.track_type in {"Audio", "Video"} for track in tracks):
        raise Unreadable("There is neither sound nor film in it, or it is broken.")
    reading.metadata |= found
