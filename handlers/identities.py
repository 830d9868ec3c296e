"""Identities: publishing links of one's own chain, and reading those of others.

A chain only grows, and only by links that its own devices or its recovery key have signed. Who may publish
one is asked all the same: else anybody could hand in what was intercepted.
"""

from handlers.cx1 import identity as chains
from handlers.dispatch import Context, handles
from handlers.judging import judged
from persistence import agents, identities, members
from persistence.identities import Row
from protocol.errors import ApiError, ErrorCode, invalid, not_found
from protocol.identities import (
    Chain,
    Identity,
    IdentityChain,
    IdentityExtended,
    IdentityList,
    IdentityPublish,
)
from protocol.roles import WorkspaceRole
from protocol.wire import from_base64, to_base64

MAX_LINKS = 1_000
"""That are answered at once."""


@handles(IdentityPublish, WorkspaceRole.GUEST)
async def publish_identity(ctx: Context, command: IdentityPublish) -> Identity:
    """Add links to the own chain, or to that of an agent of one's own."""
    member_id = await _subject(ctx, command.member_id)
    found = await identities.locked(ctx.tx, member_id)
    links = [from_base64(link) for link in command.links]
    if command.replaces is not None:
        await _give_up(ctx, found, command.replaces)
        found = None
    with judged():
        after = chains.load(found.state) if found else chains.begin(links[0])
        for link in links if found else links[1:]:
            after = chains.extend(after, link)
    row = Row(
        fp=after.fp,
        member_id=member_id,
        in_force=True,
        seq=after.seq,
        head=after.head,
        state=chains.dump(after),
    )
    if found is None:
        await identities.insert(ctx.tx, row, ctx.now)
    else:
        await identities.update(ctx.tx, row)
    await identities.add_links(ctx.tx, row, links, ctx.now)
    shown = _shown(row)
    for room in [member_id, *await identities.sealed_rooms(ctx.tx, member_id)]:
        ctx.tell(IdentityExtended(room=room, identity=shown))
    return shown


async def _subject(ctx: Context, member_id: str | None) -> str:
    """Whose chain it is: the actor's, or that of an agent that the actor answers for."""
    if member_id is None or member_id == ctx.actor.id:
        return ctx.actor.id
    agent = await agents.get(ctx.tx, member_id)
    if agent is None or agent.owner_id != ctx.actor.id or agent.retired:
        raise not_found("agent of yours")
    return member_id


async def _give_up(ctx: Context, found: Row | None, replaces: str) -> None:
    if found is None or found.fp != from_base64(replaces):
        raise ApiError(
            ErrorCode.CONFLICT, "replaces: this is not the identity in force; ask for it with identity.list."
        )
    await identities.give_up(ctx.tx, found.fp)


@handles(IdentityList, WorkspaceRole.GUEST)
async def list_identities(ctx: Context, command: IdentityList) -> list[Identity]:
    """How far the chains of these members reach, of those whom one may know of."""
    known = await members.known(ctx.tx, ctx.actor, set(command.members))
    return [_shown(row) for row in await identities.of_members(ctx.tx, known)]


@handles(IdentityChain, WorkspaceRole.GUEST)
async def read_chain(ctx: Context, command: IdentityChain) -> Chain:
    """The links of an identity of somebody whom one may know of, or was in a room with."""
    fp = from_base64(command.fp)
    if len(fp) != 32:
        raise invalid("fp: a fingerprint has 32 bytes.", "fp")
    row = (await identities.by_fp(ctx.tx, [fp])).get(fp)
    if row is None:
        raise not_found("identity")
    links = await identities.links(ctx.tx, fp, command.after_seq, MAX_LINKS)
    return Chain(identity=_shown(row), links=[to_base64(link) for link in links])


def _shown(row: Row) -> Identity:
    return Identity(id=row.member_id, fp=to_base64(row.fp), seq=row.seq, head=to_base64(row.head))
