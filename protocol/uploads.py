"""Uploads: how bytes come in, by tus 1.0 or in one POST.

A tus client says in `Upload-Metadata` what the upload becomes; a small file's POST says it in its query.
Names that this module does not know are ignored, since stock clients send some of their own; but where a
room is sealed all but those of `ObjectTarget` are refused, for they would be in the clear.
"""

from msgspec import Struct

from protocol.fields import Digest, FileName, Folder, Id, Timestamp
from protocol.files import NameConflict
from protocol.registry import Entity

TUS_VERSION = "1.0.0"
TUS_EXTENSIONS = (
    *("creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "termination"),
    "concatenation",
)
CHECKSUMS = ("sha256", "sha1", "md5")
"""Algorithms of `Upload-Checksum`, of each request's bytes; md5 and sha1 find accidents, not attacks."""
FILE_HEADER = "YMERA-File"
"""Of the answer that completes an upload, and of HEAD afterwards: the id of the file, or of the object of a
sealed room, that it has become."""
CHECKSUM_MISMATCH = 460
"""tus: the bytes are not those of the checksum; they were thrown away."""
MAX_OBJECTS = 200_000
"""Objects in one sealed room."""


class UploadTarget(Struct, frozen=True, kw_only=True, rename={"name": "filename"}):
    """What an upload becomes. On the wire `name` is called `filename`, as tus clients do."""

    room: Id
    name: FileName
    folder: Folder = ""
    task_id: Id | None = None
    run_id: Id | None = None
    """As an agent: the run, at work with it, that made the file."""
    file_id: Id | None = None
    """Of which file it is a new version."""
    conflict: NameConflict = NameConflict.RENAME
    sha256: Digest | None = None
    """What the whole must be; else it is thrown away."""


class ObjectTarget(Struct, frozen=True, kw_only=True):
    """What an upload into a sealed room becomes. Whatever else there is to it stands in an envelope."""

    room: Id
    object_id: Id
    """New, and chosen at random by the client."""


class SealedObject(Entity):
    """All that the server knows of a file in a sealed room: that there are so many bytes, and whose."""

    room: Id
    bytes: int
    created_by: Id
    created_at: Timestamp
