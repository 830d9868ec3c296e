"""Where a room stands still: what was shown there is kept as evidence, and nothing goes on until `retry`."""

import msgspec

from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.primitives import equal
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import BadTranscript
from ymera_client.generated import ItemKind, Items
from ymera_client.sealed.cabinet import Cabinet, Transaction
from ymera_client.sealed.ledger import RawItem, Refused, Standing
from ymera_client.sealed.view import Halt


def misplaced(standing: Standing | None, shown: Items) -> Refused | None:
    """What is wrong with where the server says that a room stands."""
    if standing is None:
        return None
    timeline = standing.timeline
    nothing = RawItem(timeline.seq + 1, ItemKind.ENVELOPE, b"")
    if shown.head < timeline.seq:
        return Refused(nothing, Cx1Error(Fault.SEQ, f"the room ends at {shown.head}, before what was seen"))
    if not equal(from_text(shown.transcript), timeline.hash):
        return Refused(nothing, Cx1Error(Fault.SEEN_HASH, "the room has another past than was seen of it"))
    return None


async def keep_halt(cabinet: Cabinet, room_id: str, standing: Standing | None, refused: Refused) -> Halt:
    """Keep why a room stands still, with what was shown there."""
    refusal, item = refused.refusal, refused.item
    code = refusal.code.value if refusal.code is not None else BadTranscript.code
    halt = Halt(item.seq, refusal.fault.label, code, refusal.detail)
    timeline = None if standing is None else standing.timeline
    evidence = {
        "room": room_id,
        "room_ref": None if timeline is None else to_text(timeline.room.ref),
        "applied": 0 if timeline is None else timeline.seq,
        "transcript": None if timeline is None else to_text(timeline.hash),
        "halt": halt,
        "item": {"seq": item.seq, "kind": item.kind, "body": to_text(item.raw)},
    }
    kept, written = msgspec.msgpack.encode(halt), msgspec.json.encode(evidence)

    def keep(transaction: Transaction) -> None:
        transaction.put("halt", kept, room=room_id)
        transaction.put("evidence", written, room=room_id)

    await cabinet.transact(keep)
    return halt


def kept_halt(transaction: Transaction, room_id: str) -> Halt | None:
    """Why a room stands still, if it does."""
    kept = transaction.get("halt", room=room_id)
    return None if kept is None else msgspec.msgpack.decode(kept, type=Halt)


def check(room_id: str, halt: Halt | None) -> None:
    """BadTranscript if a room stands still."""
    if halt is not None:
        raise BadTranscript(
            f"Room {room_id} is halted at seq {halt.seq}: {halt.message}. Nothing is applied or sent there. "
            "Show somebody the evidence; `retry` asks the server once more.",
            data={"fault": halt.fault, "seq": halt.seq},
        )
