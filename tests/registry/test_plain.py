"""What is in the clear does not get into an encrypted room, whichever command it comes with.

A new command is tried here as soon as it is declared and has an example.
"""

from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.registry import CommandSpec
from tests.registry.script import MARGARET, shown
from tests.registry.sealed import CREW
from tests.registry.stage import Stage
from tests.registry.test_commands import DISPATCHED, told

SEALED = ("sealed.", "sealed_invite.")
"""Commands that are about encrypted rooms only, and bring what is sealed."""
ROOMS = ("room", "project_id")
THINGS = ("file_id", "message_id", "task_id", "run_id", "question_id", "artifact_id", "trigger_id")
"""Fields that name something that is in a room."""
MEANT = ("room.join", "room.events", "room.mark_read", "file.quota", "file.set_quota")
"""What is the same in every room: its log, how far one has read, and how many bytes there are."""


def named(spec: CommandSpec) -> str | None:
    """The field that says in which room a command does something."""
    return next((field for field in (*ROOMS, *THINGS) if field in spec.type.__struct_fields__), None)


async def test_no_command_brings_anything_plain_into_an_encrypted_room(stage: Stage) -> None:
    owner = await stage.member(MARGARET)
    before = await stage.rows()
    tried, wrong = 0, []
    for name, spec in DISPATCHED.items():
        field = named(spec)
        if field is None or name.startswith(SEALED) or name in MEANT:
            continue
        sealed = CREW if field in ROOMS else shown("sealed.discard")["object_id"]
        payload = await stage.payload(name) | {field: sealed}
        for sender in {owner.id: owner, (other := await stage.sender(name)).id: other}.values():
            refusal = await told(stage, sender, name, payload)
            tried += 1
            if refusal is None or refusal.code not in {ErrorCode.E2EE_ROOM, ErrorCode.NOT_FOUND}:
                wrong.append(f"{name} by {sender.name}: {refusal}")
    assert wrong == []
    assert tried > len(MEANT)
    assert await stage.rows() == before
    assert stage.world.published == []


async def test_who_administers_the_workspace_learns_nothing_of_an_encrypted_room(stage: Stage) -> None:
    before = await stage.rows()
    wrong = []
    for name, spec in DISPATCHED.items():
        if (field := named(spec)) not in ROOMS:
            continue
        refusals = [
            await told(stage, stage.world.admin, name, await stage.payload(name) | {field: room})
            for room in (CREW, new_id())
        ]
        codes = {refusal and refusal.code for refusal in refusals}
        if codes != {ErrorCode.NOT_FOUND}:
            wrong.append(f"{name}: {refusals}")
    assert wrong == []
    assert await stage.rows() == before


async def test_what_is_the_same_in_every_room_works_there(stage: Stage) -> None:
    for name in MEANT:
        payload = await stage.payload(name)
        await stage.run(name, payload | {"room": CREW} | ({"seq": 1} if "seq" in payload else {}))
