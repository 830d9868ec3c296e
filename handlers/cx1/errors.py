"""What the server can find wrong in cx1: the name of every fault and the code that the wire has for it.

A fault that stands in no row does not exist, so a mistyped one cannot leave the server.
"""

from collections.abc import Mapping
from typing import Final

_FAULTS: Final = {
    "malformed": """
        truncated trailing version value low_order kind
        chain_other chain_truncated chain_forked chain_missing owner device_known device_unknown key_version
        room_other genesis ops_empty member_already removes_self leave_alone leave_epoch pin_rollback
        share wrap_rule recipients box_count box_size boxes
    """,
    "too_large": "too_large too_many_devices",
    "bad_signature": "signer link_signature possession commit_signature envelope_signature",
    "bad_transcript": "commit_seen sender_prev seen_stale seen_future seen_hash",
    "commit_conflict": "chain_seq chain_prev commit_seq commit_prev",
    "epoch_stale": "epoch_number grant_epoch epoch_old epoch_future",
    "rotation_required": "rotation leave_pending",
    "ctr_conflict": "replay gap",
    "version_conflict": "base_version",
    "client_id_conflict": "client_id",
    "not_member": "commit_author commit_device op_target grant_device device_inactive",
    "role": "recovery_only op_role op_rank last_owner reader",
}
_DROPPED: Final = ("sent_order", "sent_time")

CODES: Final[Mapping[str, str | None]] = {
    **{fault: code for code, faults in _FAULTS.items() for fault in faults.split()},
    **dict.fromkeys(_DROPPED),
}
"""The wire's code of each fault; None for late ephemeral envelopes, which are dropped without an answer."""


class Refused(Exception):  # noqa: N818 - it is an answer, and no failure of the server
    """What was sent breaks a rule of cx1.

    `fault` is the rule by the name that the vectors use, `code` what the wire answers, `message` a sentence
    for people, and `data` what the code carries: `expected`, `epoch`, `current`, or `head` in hex.
    """

    def __init__(self, fault: str, message: str, **data: int | str) -> None:
        super().__init__(f"{fault}: {message}")
        self.fault = fault
        self.code = CODES[fault]
        self.message = message
        self.data = data


def require(condition: object, fault: str, message: str, **data: int | str) -> None:
    """Raise `Refused` unless the condition holds."""
    if not condition:
        raise Refused(fault, message, **data)
