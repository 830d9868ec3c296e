"""The closed set of what can be wrong, who is to blame for it, and what the wire calls it.

Every check of cx1 goes through `require` or raises `Cx1Error` itself, so that each can be named, tested and,
in the tests, taken away.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum


class Code(StrEnum):
    """What the server answers; programs branch on it."""

    EPOCH_STALE = "epoch_stale"
    COMMIT_CONFLICT = "commit_conflict"
    ROTATION_REQUIRED = "rotation_required"
    CTR_CONFLICT = "ctr_conflict"
    VERSION_CONFLICT = "version_conflict"
    CLIENT_ID_CONFLICT = "client_id_conflict"
    NOT_MEMBER = "not_member"
    ROLE = "role"
    TOO_LARGE = "too_large"
    BAD_SIGNATURE = "bad_signature"
    BAD_TRANSCRIPT = "bad_transcript"
    MALFORMED = "malformed"


class Blame(StrEnum):
    """What a client does about a fault."""

    SERVER = "S"
    """An honest server would have refused it: fetch again once, and if it stays, halt the room."""
    SENDER = "C"
    """The sender's doing: go on, and show that something from there cannot be read."""
    WAITING = "waiting"
    """A key has not come yet: go on, and read it when it does."""
    INPUT = "input"
    """This one thing is refused, a mistyped code or a damaged file; no room is touched by it."""


class Fault(Enum):
    """What exactly is wrong: its name, the code on the wire where the server can see it, and the blame."""

    label: str
    code: Code | None
    blame: Blame

    def __init__(self, label: str, code: Code | None, blame: Blame) -> None:
        self.label = label
        self.code = code
        self.blame = blame

    # The form of bytes
    TRUNCATED = ("truncated", Code.MALFORMED, Blame.SERVER)
    TRAILING = ("trailing", Code.MALFORMED, Blame.SERVER)
    VERSION = ("version", Code.MALFORMED, Blame.SERVER)
    VALUE = ("value", Code.MALFORMED, Blame.SERVER)
    TOO_LARGE = ("too_large", Code.TOO_LARGE, Blame.SERVER)
    ENCODING = ("encoding", Code.MALFORMED, Blame.INPUT)
    LOW_ORDER = ("low_order", Code.MALFORMED, Blame.SERVER)

    # Chains of identities
    CHAIN_SEQ = ("chain_seq", Code.COMMIT_CONFLICT, Blame.SERVER)
    CHAIN_PREV = ("chain_prev", Code.COMMIT_CONFLICT, Blame.SERVER)
    CHAIN_OTHER = ("chain_other", Code.MALFORMED, Blame.SERVER)
    CHAIN_TRUNCATED = ("chain_truncated", Code.MALFORMED, Blame.SERVER)
    CHAIN_FORKED = ("chain_forked", Code.MALFORMED, Blame.SERVER)
    CHAIN_MISSING = ("chain_missing", Code.MALFORMED, Blame.SERVER)
    OWNER = ("owner", Code.MALFORMED, Blame.SERVER)
    SIGNER = ("signer", Code.BAD_SIGNATURE, Blame.SERVER)
    LINK_SIGNATURE = ("link_signature", Code.BAD_SIGNATURE, Blame.SERVER)
    POSSESSION = ("possession", Code.BAD_SIGNATURE, Blame.SERVER)
    RECOVERY_ONLY = ("recovery_only", Code.ROLE, Blame.SERVER)
    DEVICE_KNOWN = ("device_known", Code.MALFORMED, Blame.SERVER)
    DEVICE_UNKNOWN = ("device_unknown", Code.MALFORMED, Blame.SERVER)
    KEY_VERSION = ("key_version", Code.MALFORMED, Blame.SERVER)

    # Commits
    ROOM_OTHER = ("room_other", Code.MALFORMED, Blame.SERVER)
    COMMIT_SEQ = ("commit_seq", Code.COMMIT_CONFLICT, Blame.SERVER)
    COMMIT_PREV = ("commit_prev", Code.COMMIT_CONFLICT, Blame.SERVER)
    COMMIT_AUTHOR = ("commit_author", Code.NOT_MEMBER, Blame.SERVER)
    COMMIT_DEVICE = ("commit_device", Code.NOT_MEMBER, Blame.SERVER)
    COMMIT_SIGNATURE = ("commit_signature", Code.BAD_SIGNATURE, Blame.SERVER)
    COMMIT_SEEN = ("commit_seen", Code.BAD_TRANSCRIPT, Blame.SERVER)
    GENESIS = ("genesis", Code.MALFORMED, Blame.SERVER)
    OPS_EMPTY = ("ops_empty", Code.MALFORMED, Blame.SERVER)
    OP_ROLE = ("op_role", Code.ROLE, Blame.SERVER)
    OP_RANK = ("op_rank", Code.ROLE, Blame.SERVER)
    OP_TARGET = ("op_target", Code.NOT_MEMBER, Blame.SERVER)
    MEMBER_ALREADY = ("member_already", Code.MALFORMED, Blame.SERVER)
    REMOVES_SELF = ("removes_self", Code.MALFORMED, Blame.SERVER)
    LEAVE_ALONE = ("leave_alone", Code.MALFORMED, Blame.SERVER)
    LEAVE_EPOCH = ("leave_epoch", Code.MALFORMED, Blame.SERVER)
    LAST_OWNER = ("last_owner", Code.ROLE, Blame.SERVER)
    PIN_ROLLBACK = ("pin_rollback", Code.MALFORMED, Blame.SERVER)
    ROTATION = ("rotation", Code.ROTATION_REQUIRED, Blame.SERVER)
    EPOCH_NUMBER = ("epoch_number", Code.EPOCH_STALE, Blame.SERVER)
    SHARE = ("share", Code.MALFORMED, Blame.SERVER)
    WRAP_RULE = ("wrap_rule", Code.MALFORMED, Blame.SERVER)
    RECIPIENTS = ("recipients", Code.MALFORMED, Blame.SERVER)
    TOO_MANY_DEVICES = ("too_many_devices", Code.TOO_LARGE, Blame.SERVER)
    BOX_COUNT = ("box_count", Code.MALFORMED, Blame.SERVER)
    BOX_SIZE = ("box_size", Code.MALFORMED, Blame.SERVER)
    BOXES = ("boxes", Code.MALFORMED, Blame.SERVER)
    GRANT_EPOCH = ("grant_epoch", Code.EPOCH_STALE, Blame.SERVER)
    GRANT_DEVICE = ("grant_device", Code.NOT_MEMBER, Blame.SERVER)

    # Secrets of epochs
    BOX = ("box", None, Blame.SENDER)
    BOX_CONTENT = ("box_content", None, Blame.SENDER)
    KEY_COMMIT = ("key_commit", None, Blame.SENDER)
    WRAP = ("wrap", None, Blame.SENDER)
    EPOCH_UNKNOWN = ("epoch_unknown", None, Blame.INPUT)
    KEY_MISSING = ("key_missing", None, Blame.WAITING)
    KEY_DELETED = ("key_deleted", None, Blame.SENDER)

    # Envelopes and the transcript
    EPOCH_OLD = ("epoch_old", Code.EPOCH_STALE, Blame.SERVER)
    EPOCH_FUTURE = ("epoch_future", Code.EPOCH_STALE, Blame.SERVER)
    LEAVE_PENDING = ("leave_pending", Code.ROTATION_REQUIRED, Blame.SERVER)
    DEVICE_INACTIVE = ("device_inactive", Code.NOT_MEMBER, Blame.SERVER)
    READER = ("reader", Code.ROLE, Blame.SERVER)
    ENVELOPE_SIGNATURE = ("envelope_signature", Code.BAD_SIGNATURE, Blame.SERVER)
    REPLAY = ("replay", Code.CTR_CONFLICT, Blame.SERVER)
    GAP = ("gap", Code.CTR_CONFLICT, Blame.SERVER)
    SENDER_PREV = ("sender_prev", Code.BAD_TRANSCRIPT, Blame.SERVER)
    CLIENT_ID = ("client_id", Code.CLIENT_ID_CONFLICT, Blame.SERVER)
    SEEN_STALE = ("seen_stale", Code.BAD_TRANSCRIPT, Blame.SERVER)
    SEEN_FUTURE = ("seen_future", Code.BAD_TRANSCRIPT, Blame.SERVER)
    SEEN_HASH = ("seen_hash", Code.BAD_TRANSCRIPT, Blame.SERVER)
    SEQ = ("seq", Code.BAD_TRANSCRIPT, Blame.SERVER)
    ANCHOR = ("anchor", Code.BAD_TRANSCRIPT, Blame.SERVER)
    PAGE = ("page", Code.BAD_TRANSCRIPT, Blame.SERVER)
    BASE_VERSION = ("base_version", Code.VERSION_CONFLICT, Blame.SERVER)
    AEAD = ("aead", None, Blame.SENDER)
    PADDING = ("padding", None, Blame.SENDER)
    CONTENT = ("content", None, Blame.SENDER)
    KIND = ("kind", Code.MALFORMED, Blame.SERVER)
    SENT_ORDER = ("sent_order", None, Blame.INPUT)
    SENT_TIME = ("sent_time", None, Blame.INPUT)

    # Files
    FILE_CHUNK = ("file_chunk", None, Blame.INPUT)
    FILE_TRUNCATED = ("file_truncated", None, Blame.INPUT)
    FILE_TRAILING = ("file_trailing", None, Blame.INPUT)
    FILE_SIZE = ("file_size", None, Blame.INPUT)
    FILE_CIPHERTEXT = ("file_ciphertext", None, Blame.INPUT)
    FILE_PLAINTEXT = ("file_plaintext", None, Blame.INPUT)

    # Recovery, backup, linking, verifying and inviting
    CODE_LENGTH = ("code_length", None, Blame.INPUT)
    CODE_CHARACTER = ("code_character", None, Blame.INPUT)
    CODE_CHECKSUM = ("code_checksum", None, Blame.INPUT)
    BACKUP_OLD = ("backup_old", None, Blame.INPUT)
    BACKUP_MASTER = ("backup_master", None, Blame.INPUT)
    BACKUP_ENTRY = ("backup_entry", None, Blame.INPUT)
    LINK_EXPIRED = ("link_expired", None, Blame.INPUT)
    LINK_KEYS = ("link_keys", None, Blame.INPUT)
    LINK_PACKAGE = ("link_package", None, Blame.INPUT)
    LINK_CHAIN = ("link_chain", None, Blame.INPUT)
    SAS_COMMIT = ("sas_commit", None, Blame.INPUT)
    SAS_REFLECTED = ("sas_reflected", None, Blame.INPUT)
    INVITE_PROOF = ("invite_proof", None, Blame.INPUT)


class Cx1Error(Exception):
    """What was read breaks a rule. `data` holds what the wire's code carries, such as `expected`."""

    def __init__(self, fault: Fault, detail: str, **data: int | str) -> None:
        super().__init__(f"{fault.label}: {detail}")
        self.fault = fault
        self.detail = detail
        self.data = data

    @property
    def code(self) -> Code | None:
        """The code that the server answers, or None where only a client can see the fault."""
        return self.fault.code

    @property
    def blame(self) -> Blame:
        """What a client does about it."""
        return self.fault.blame


NOTHING: Mapping[str, int | str] = {}


def require(condition: object, fault: Fault, detail: str, data: Mapping[str, int | str] = NOTHING) -> None:
    """Raise `Cx1Error` with this data unless the condition holds.

    It is called some twenty times for each message, and named arguments of any kind would cost each call
    more than the check.
    """
    if not condition:
        raise Cx1Error(fault, detail, **data)
