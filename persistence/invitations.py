"""Invitations. The secret of the link is stored as a hash only; withdrawn ones are kept out of sight."""

from datetime import datetime

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.invitations import Invitation
from protocol.roles import RoomRole, WorkspaceRole

COLUMNS = (
    "id, version, role, email, project_id, project_role, created_by, created_at, expires_at, used_at, used_by"
)


async def insert(
    tx: Connection,
    invitation_id: str,
    digest: bytes,
    *,
    role: WorkspaceRole,
    email: str | None,
    project_id: str | None,
    project_role: RoomRole | None,
    created_by: str,
    now: datetime,
    expires_at: datetime,
) -> Invitation:
    """A new invitation with the hash of its secret."""
    made = await fetch_one(
        tx,
        Invitation,
        f"""-- invitations.insert
        INSERT INTO invitations (
            id, secret_hash, role, email, project_id, project_role, created_by, created_at, expires_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        invitation_id,
        digest,
        role,
        email,
        project_id,
        project_role,
        created_by,
        now,
        expires_at,
    )
    assert made is not None
    return made


async def get(tx: Connection, invitation_id: str, *, lock: bool = False) -> Invitation | None:
    """An invitation that was not withdrawn; with `lock`, held until commit."""
    return await fetch_one(
        tx,
        Invitation,
        f"""-- invitations.get
        SELECT {COLUMNS} FROM invitations WHERE id = $1 AND removed_at IS NULL
        {"FOR UPDATE" if lock else ""}
        """,  # noqa: S608 -- constants
        invitation_id,
    )


async def usable(tx: Connection | Pool, digest: bytes, *, lock: bool = False) -> Invitation | None:
    """The unused, unexpired invitation whose secret has this hash; with `lock`, held until commit."""
    return await fetch_one(
        tx,
        Invitation,
        f"""-- invitations.usable
        SELECT {COLUMNS} FROM invitations
        WHERE secret_hash = $1 AND removed_at IS NULL AND used_at IS NULL AND expires_at > clock_timestamp()
        {"FOR UPDATE" if lock else ""}
        """,  # noqa: S608 -- constants
        digest,
    )


async def use(tx: Connection, invitation_id: str, member_id: str, now: datetime) -> None:
    """Note who came by an invitation; it is good for nobody else."""
    await tx.execute(
        """-- invitations.use
        UPDATE invitations SET used_at = $3, used_by = $2, version = version + 1 WHERE id = $1
        """,
        invitation_id,
        member_id,
        now,
    )


async def update(
    tx: Connection, invitation_id: str, *, role: WorkspaceRole, expires_at: datetime
) -> Invitation:
    """Write both fields and raise the version."""
    updated = await fetch_one(
        tx,
        Invitation,
        f"""-- invitations.update
        UPDATE invitations SET role = $2, expires_at = $3, version = version + 1 WHERE id = $1
        RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        invitation_id,
        role,
        expires_at,
    )
    assert updated is not None
    return updated


async def remove(tx: Connection, invitation_id: str, now: datetime) -> None:
    """Withdraw an invitation."""
    await tx.execute(
        "-- invitations.remove\nUPDATE invitations SET removed_at = $2 WHERE id = $1", invitation_id, now
    )


async def count_open(tx: Connection) -> int:
    """How many invitations can still be used."""
    number: int = await tx.fetchval(
        """-- invitations.count_open
        SELECT count(*) FROM invitations
        WHERE removed_at IS NULL AND used_at IS NULL AND expires_at > clock_timestamp()
        """
    )
    return number


async def page(
    tx: Connection,
    limit: int,
    after: tuple[datetime, str] | None,
    *,
    created_by: str | None,
    is_open: bool | None,
) -> list[Invitation]:
    """Up to `limit` invitations, newest first, after a time of creation and id."""
    return await fetch_all(
        tx,
        Invitation,
        f"""-- invitations.page
        SELECT {COLUMNS} FROM invitations
        WHERE removed_at IS NULL
            AND ($1::uuid IS NULL OR created_by = $1)
            AND ($2::boolean IS NULL OR (used_at IS NULL AND expires_at > clock_timestamp()) = $2)
            AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $5
        """,  # noqa: S608 -- constants
        created_by,
        is_open,
        None if after is None else after[0],
        None if after is None else after[1],
        limit,
    )
