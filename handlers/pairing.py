"""Pairing: the steps that two devices send each other to link or to verify; the server reads none of them."""

from datetime import timedelta

from handlers.dispatch import Context, handles
from handlers.memberships import check_known
from persistence import pairings
from persistence.pairings import Step
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import PAIRING_SECONDS
from protocol.identities import Pairing, PairingList, PairingPurpose, PairingSend, PairingSent
from protocol.roles import WorkspaceRole
from protocol.wire import from_base64, to_base64

MAX_PAIRINGS = 20
"""That somebody may begin in an hour: each try is one chance in 10⁸ to be mistaken for somebody else."""


@handles(PairingSend, WorkspaceRole.GUEST)
async def send_pairing(ctx: Context, command: PairingSend) -> Pairing:
    """Send a step to a member's devices; sent again with the same content it changes nothing."""
    step = Step(
        id=command.id,
        step=command.step,
        purpose=command.purpose,
        sender_id=ctx.actor.id,
        recipient_id=command.to,
        body=from_base64(command.body),
        at=ctx.now,
    )
    earlier = await pairings.steps(ctx.tx, command.id)
    same = next((each for each in earlier if each.step == step.step), None)
    if same is None:
        await _check(ctx, step, earlier)
        await pairings.insert(ctx.tx, step)
    elif (same.sender_id, same.recipient_id, same.body) != (step.sender_id, step.recipient_id, step.body):
        raise ApiError(ErrorCode.CONFLICT, "This step was sent already; begin another pairing.")
    shown = _shown(same or step)
    ctx.tell(PairingSent(room=command.to, pairing=shown))
    return shown


async def _check(ctx: Context, step: Step, earlier: list[Step]) -> None:
    """ApiError unless somebody may send this step now: the two who have begun, one after the other."""
    if not earlier:
        await _check_first(ctx, step)
        return
    first = earlier[0]
    both = {first.sender_id, first.recipient_id}
    if ctx.now - first.at > timedelta(seconds=PAIRING_SECONDS) or step.sender_id not in both:
        raise not_found("pairing")
    if {step.sender_id, step.recipient_id} != both or step.purpose is not first.purpose:
        raise invalid("to: a pairing stays between the two who have begun it.", "to")
    if step.step != earlier[-1].step + 1:
        raise ApiError(ErrorCode.CONFLICT, f"step: {earlier[-1].step + 1} comes next.")


async def _check_first(ctx: Context, step: Step) -> None:
    if step.step != 0:
        raise not_found("pairing")
    if (step.purpose is PairingPurpose.LINK) != (step.recipient_id == ctx.actor.id):
        raise invalid("to: link with a device of your own, verify with another member.", "to")
    await check_known(ctx, [step.recipient_id])
    if await pairings.begun(ctx.tx, ctx.actor.id, ctx.now) >= MAX_PAIRINGS:
        raise limit_exceeded("pairings in an hour", MAX_PAIRINGS)


@handles(PairingList, WorkspaceRole.GUEST)
async def list_pairings(ctx: Context, _: PairingList) -> list[Pairing]:
    """What was sent to one's devices and still counts."""
    return [_shown(step) for step in await pairings.received(ctx.tx, ctx.actor.id, ctx.now)]


def _shown(step: Step) -> Pairing:
    return Pairing(
        id=step.id,
        purpose=step.purpose,
        sender=step.sender_id,
        step=step.step,
        body=to_base64(step.body),
        at=step.at,
    )
