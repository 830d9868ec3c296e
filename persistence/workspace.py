"""The workspace's row, and the identity of the event log.

The log's `generation` belongs to one history of one database cluster. A restored backup is another
history with the same seqs, so clients must not continue from theirs; PostgreSQL's system
identifier and timeline tell most restores, the embedded database adds which copy of its files
it runs on (`ymera.copy`), and `new_generation` is for the others.
"""

from datetime import datetime

from persistence import log, rooms
from persistence.database import Connection, Pool, fetch_one
from persistence.ids import new_id
from protocol.rooms import RoomKind
from protocol.workspace import Workspace, WorkspaceUpdated

DEFAULT_NAME = "YMERA"
"""The workspace's name until an admin gives it another."""

_FINGERPRINT = """(
    SELECT s.system_identifier || '/' || c.timeline_id || '/' || d.oid
        || coalesce('/' || current_setting('ymera.copy', true), '')
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
    WHERE d.datname = current_database()
)"""


async def ensure(tx: Connection, name: str, now: datetime) -> Workspace:
    """The workspace, made on a database that has none."""
    await tx.execute("-- workspace.lock\nLOCK TABLE workspace IN SHARE ROW EXCLUSIVE MODE")
    if (found := await get(tx)) is not None:
        return found
    workspace_id = new_id()
    await tx.execute(
        f"""-- workspace.ensure
        INSERT INTO workspace (id, name, generation, fingerprint, created_at)
        VALUES ($1, $2, $3, {_FINGERPRINT}, $4)
        """,  # noqa: S608 -- a constant
        workspace_id,
        name,
        new_id(),
        now,
    )
    await rooms.insert(tx, workspace_id, RoomKind.WORKSPACE, now=now, created_by=None, private=False)
    made = await current(tx)
    # So that the log alone folds to the whole state; nobody can be listening yet.
    await log.record(tx, None, now, [(workspace_id, WorkspaceUpdated(workspace=made), None)])
    return made


async def get(tx: Connection | Pool) -> Workspace | None:
    """The workspace; None on a database where nothing was set up yet."""
    return await fetch_one(
        tx,
        Workspace,
        "-- workspace.get\nSELECT id, version, name, description, created_at FROM workspace",
    )


async def current(tx: Connection | Pool) -> Workspace:
    """The workspace, on a database where a node has started before."""
    found = await get(tx)
    assert found is not None
    return found


async def update(tx: Connection, name: str, description: str) -> Workspace:
    """Write both fields and raise the version."""
    await tx.execute(
        """-- workspace.update
        UPDATE workspace SET name = $1, description = $2, version = version + 1
        """,
        name,
        description,
    )
    return await current(tx)


async def set_up_with(tx: Connection, digest: bytes) -> None:
    """Let the secret with this hash make the first account; an earlier one no longer does."""
    await tx.execute("-- workspace.set_up_with\nUPDATE workspace SET setup_hash = $1", digest)


async def claim_set_up(tx: Connection, digest: bytes) -> bool:
    """Use up the right to make the first account; true for the right secret, once, while there is none."""
    claimed: bool | None = await tx.fetchval(
        """-- workspace.claim_set_up
        UPDATE workspace SET setup_hash = NULL
        WHERE setup_hash = $1 AND NOT EXISTS (SELECT FROM members WHERE active) RETURNING true
        """,
        digest,
    )
    return bool(claimed)


async def generation(tx: Connection | Pool) -> str:
    """The identity of the event log."""
    found: str = await tx.fetchval("-- workspace.generation\nSELECT generation FROM workspace")
    return found


async def check_generation(tx: Connection) -> bool:
    """Start a new generation if this is another database than the log was written in.

    True if it was.
    """
    changed: bool | None = await tx.fetchval(
        f"""-- workspace.check_generation
        UPDATE workspace SET generation = $1, fingerprint = {_FINGERPRINT}
        WHERE fingerprint <> {_FINGERPRINT} RETURNING true
        """,  # noqa: S608 -- a constant
        new_id(),
    )
    return bool(changed)


async def new_generation(tx: Connection) -> None:
    """Make every client take a fresh snapshot. For databases restored by copying files."""
    await tx.execute("-- workspace.new_generation\nUPDATE workspace SET generation = $1", new_id())
