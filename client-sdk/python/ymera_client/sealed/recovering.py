"""A device that comes into its identity by the recovery code, or reads its backup by it."""

from collections.abc import Awaitable

from ymera_client.crypto.errors import Cx1Error
from ymera_client.sealed.ground import Ground


async def recover(ground: Ground, code: str, fp: bytes) -> Cx1Error | None:
    """Have this device in the identity, with its backup, if that opens; else what is wrong with it.

    What breaks off has done nothing, or can be begun again: the backup is read before anything is published.
    """
    keychain = ground.keychain
    await keychain.adopt(fp)
    root = await keychain.root_of(code, fp)
    if keychain.fp != fp:
        await keychain.forget_begun()
    spoilt = await _refusal_of(ground.backups.restore(root, fp))
    if not keychain.active:
        await keychain.join_by_root(root, fp)
    await keychain.code_shown()
    return spoilt


async def _refusal_of(work: Awaitable[None]) -> Cx1Error | None:
    """What cx1 refuses of this, if it does; whatever else goes wrong is raised."""
    try:
        await work
    except Cx1Error as refusal:
        return refusal
    return None
