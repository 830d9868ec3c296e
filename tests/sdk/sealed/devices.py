"""A device on either SDK, asked the same things in the same words: it begins, comes in, reads and writes."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.nodes import PATIENCE
from tests.sdk.sealed.people import Person
from tests.sdk.sealed.victims import PythonVictim, Refusal, ScriptVictim, Victim
from ymera_client import Form, YmeraError


@dataclass(frozen=True)
class Shown:
    """Where a pairing stands: its step, the code or the digits, and why it failed, in a word and in words."""

    step: str
    qr: str = ""
    digits: str = ""
    fault: str = ""
    why: str = ""


class Device(Victim, Protocol):
    """A member's device."""

    async def close(self) -> None:
        """End it."""

    async def state(self) -> str:
        """How it stands: `none`, `elsewhere`, `ready`."""

    async def became(self, state: str) -> None:
        """Wait until it stands so."""

    async def begin(self) -> str:
        """Begin an identity; the recovery code."""

    async def recover(self, code: str) -> None:
        """Come into the identity by its code."""

    async def own_devices(self) -> list[tuple[str, bool, bool]]:
        """The id of each device of the identity, whether it is in use, and whether it is this one."""

    async def revoke(self, device: str) -> None:
        """Put a device out."""

    async def create(self, form: str, history: str, members: list[str]) -> str:
        """Make a room with these members; its id."""

    async def invite(self, room: str) -> str:
        """A link to a room."""

    async def accept(self, link: str) -> str:
        """Answer an invitation; the room's id."""

    async def members(self, room: str, count: int) -> dict[str, str]:
        """The trust in each of the room's members, by their ids, once there are so many."""

    async def pair(self, how: str, *args: str) -> tuple[str, Shown]:
        """Begin a pairing: `qr`, `digits`, `scanned` with a code; its id."""

    async def pairing(self, flow: str, step: str) -> Shown:
        """What a pairing shows at a step, or when it has failed."""

    async def confirm(self, flow: str) -> None:
        """Say yes."""

    async def differ(self, flow: str) -> None:
        """Say that the digits differ."""

    async def whisper(self, room: str, **content: Any) -> None:
        """Say something in passing."""

    async def call(self, name: str, **payload: Any) -> Any:
        """A command of the plain protocol; its plain result."""

    async def content(self, room: str, seq: int) -> dict[str, Any]:
        """The content of a room, once all up to a seq is in it."""


class PythonDevice(PythonVictim):
    """On the Python SDK."""

    async def close(self) -> None:
        await self.client.close()

    async def state(self) -> str:
        return self.client.sealed.status.state

    async def became(self, state: str) -> None:
        await self.client.sealed.wait_for(lambda sealed: sealed.status.state == state, PATIENCE)

    async def begin(self) -> str:
        return await self.client.sealed.begin() or ""

    async def recover(self, code: str) -> None:
        await _told(self.client.sealed.recover(code))

    async def own_devices(self) -> list[tuple[str, bool, bool]]:
        await self.client.sealed.settle()
        if self.client.sealed.status.state != "ready":
            return []
        return [(each.id, each.active, each.own) for each in await self.client.sealed.devices()]

    async def revoke(self, device: str) -> None:
        await self.client.sealed.revoke_device(device)

    async def create(self, form: str, history: str, members: list[str]) -> str:
        made = self.client.sealed.create_room(
            form=Form(form),
            name="Plans",
            history="shared" if history == "shared" else "from_join",
            members=dict.fromkeys(members, "member"),
        )
        return str(await _told(made))

    async def invite(self, room: str) -> str:
        return await self.client.sealed.invite(room)

    async def accept(self, link: str) -> str:
        return str(await _told(self.client.sealed.accept_invite(link)))

    async def members(self, room: str, count: int) -> dict[str, str]:
        def found(_: Any) -> dict[str, str] | None:
            view = self.client.sealed.room(room)
            if view is None or len(view.members) != count:
                return None
            return {each.member_id: each.trust for each in view.members}

        return await self.client.sealed.wait_for(found, PATIENCE)

    async def pair(self, how: str, *args: str) -> tuple[str, Shown]:
        sealed = self.client.sealed
        calls: dict[str, Any] = {
            "qr": sealed.link_by_qr,
            "digits": sealed.link_by_digits,
            "scanned": sealed.link_scanned,
        }
        flow = await _told(calls[how](*args))
        return flow.id, Shown(flow.step.name, flow.step.qr, flow.step.digits)

    async def pairing(self, flow: str, step: str) -> Shown:
        def found(_: Any) -> Any:
            kept = next((each for each in self.client.sealed.pairings if each.id == flow), None)
            return kept and kept.step.name in {step, "failed"} and kept.step

        shown = await self.client.sealed.wait_for(found, PATIENCE)
        fault = "" if shown.error is None else str(shown.error.data.get("fault") or shown.error.code)
        return Shown(
            shown.name, shown.qr, shown.digits, fault, "" if shown.error is None else shown.error.message
        )

    async def confirm(self, flow: str) -> None:
        kept = next(each for each in self.client.sealed.pairings if each.id == flow)
        await _told(kept.confirm())

    async def differ(self, flow: str) -> None:
        await next(each for each in self.client.sealed.pairings if each.id == flow).differ()

    async def whisper(self, room: str, **content: Any) -> None:
        await _told(self.client.sealed.whisper(room, content))

    async def call(self, name: str, **payload: Any) -> Any:
        return await _told(self.client.call_raw(name, payload))

    async def content(self, room: str, seq: int) -> dict[str, Any]:
        def there(_: Any) -> bool:
            view = self.client.sealed.room(room)
            return view is not None and view.progress.applied >= seq

        async with self.client.room(room) as live:
            await self.client.sealed.wait_for(there, PATIENCE)
            await live.wait_for(lambda it: it.cursor >= seq, PATIENCE)
            return dict(live.state)


class ScriptDevice(ScriptVictim):
    """On the TypeScript SDK."""

    async def state(self) -> str:
        return str(await self.ask("state"))

    async def became(self, state: str) -> None:
        await self.ask("became", state=state)

    async def begin(self) -> str:
        return str(await self._sealed("begin"))

    async def recover(self, code: str) -> None:
        await self._sealed("recover", code)

    async def own_devices(self) -> list[tuple[str, bool, bool]]:
        return [(each["id"], each["active"], each["own"]) for each in await self._sealed("devices")]

    async def revoke(self, device: str) -> None:
        await self._sealed("revokeDevice", device)

    async def create(self, form: str, history: str, members: list[str]) -> str:
        chosen = [{"memberId": each, "role": "member"} for each in members]
        room = {"form": form, "name": "Plans", "history": history, "members": chosen}
        return str(await self._sealed("createRoom", room))

    async def invite(self, room: str) -> str:
        return str(await self._sealed("invite", room))

    async def accept(self, link: str) -> str:
        return str(await self._sealed("acceptInvite", link))

    async def members(self, room: str, count: int) -> dict[str, str]:
        found = await self.ask("members", room=room, count=count)
        return {each["memberId"]: each["trust"] for each in found}

    async def pair(self, how: str, *args: str) -> tuple[str, Shown]:
        names = {"qr": "linkByQr", "digits": "linkByDigits", "scanned": "linkScanned"}
        found = await self.ask("begins", how=names[how], args=list(args))
        return found["id"], _shown(found)

    async def pairing(self, flow: str, step: str) -> Shown:
        return _shown(await self.ask("flow", flow=flow, step=step))

    async def confirm(self, flow: str) -> None:
        await self.ask("confirm", flow=flow)

    async def differ(self, flow: str) -> None:
        await self.ask("differ", flow=flow)

    async def whisper(self, room: str, **content: Any) -> None:
        await self._sealed("whisper", room, content)

    async def call(self, name: str, **payload: Any) -> Any:
        return await self.ask("call", name=name, payload=payload)

    async def content(self, room: str, seq: int) -> dict[str, Any]:
        return dict(await self.ask("content", room=room, seq=seq))

    async def _sealed(self, method: str, *args: Any) -> Any:
        return await self.ask("sealed", method=method, args=list(args))


class Devices:
    """Makes devices of members, on either SDK; they end with the test."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._made = 0
        self._stack = AsyncExitStack()

    async def make(self, sdk: str, token: str) -> Device:
        """One more device of the member with this token, in no identity yet."""
        self._made += 1
        if sdk == "typescript":
            script = await ScriptDevice.start(self._url, token, idle=True)
            self._stack.push_async_callback(script.close)
            return script  # type: ignore[return-value]
        person = Person(self._url, token, self._folder / str(self._made))
        self._stack.push_async_callback(person.close)
        person.client = await person.device("own")
        return PythonDevice(person)

    async def close(self) -> None:
        """End them all."""
        await self._stack.aclose()


async def _told(work: Any) -> Any:
    """What comes of something, or why it was refused in the words of both SDKs."""
    try:
        return await work
    except YmeraError as error:
        raise Refusal(error.code, error.data.get("fault"), error.message) from None


def _shown(step: dict[str, Any]) -> Shown:
    return Shown(*(step.get(name, "") for name in ("step", "qr", "digits", "fault", "why")))
