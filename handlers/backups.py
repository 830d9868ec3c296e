"""Backups: what a recovery code opens, kept for its owner alone."""

from handlers.dispatch import Context, handles
from persistence import backups
from persistence.backups import Entry
from protocol.errors import ApiError, ErrorCode, limit_exceeded, not_found
from protocol.fields import MAX_BACKUP_ENTRIES
from protocol.identities import Backup, BackupEntry, BackupGet, BackupPut
from protocol.roles import WorkspaceRole
from protocol.wire import from_base64, to_base64

PAGE = 500
"""Entries that are answered at once."""


@handles(BackupPut, WorkspaceRole.GUEST)
async def put_backup(ctx: Context, command: BackupPut) -> None:
    """Add entries; a greater version begins a new backup."""
    before = await backups.get(ctx.tx, ctx.actor.id)
    given = backups.Backup(ver=command.ver, master=from_base64(command.master))
    if (current := await backups.put(ctx.tx, ctx.actor.id, given)) > command.ver:
        raise ApiError(ErrorCode.VERSION_CONFLICT, f"ver: the backup has {current} by now.", current=current)
    if before is not None and before.ver < command.ver:
        await backups.drop_entries(ctx.tx, ctx.actor.id)
    entries = [Entry(key=entry.key, body=from_base64(entry.body)) for entry in command.entries]
    if await backups.put_entries(ctx.tx, ctx.actor.id, entries) > MAX_BACKUP_ENTRIES:
        raise limit_exceeded("entries of a backup", MAX_BACKUP_ENTRIES)


@handles(BackupGet, WorkspaceRole.GUEST)
async def get_backup(ctx: Context, command: BackupGet) -> Backup:
    """The own backup, a page of its entries."""
    found = await backups.get(ctx.tx, ctx.actor.id)
    if found is None:
        raise not_found("backup")
    rows = await backups.entries(ctx.tx, ctx.actor.id, command.after, PAGE + 1)
    return Backup(
        ver=found.ver,
        master=to_base64(found.master),
        entries=[BackupEntry(key=row.key, body=to_base64(row.body)) for row in rows[:PAGE]],
        next=rows[PAGE - 1].key if len(rows) > PAGE else None,
    )
