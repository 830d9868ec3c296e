"""The identities of others: their chains, verified, and kept as far as they were ever seen.

What is kept of one only grows. A chain that the server shows shorter than that, or with another link in it,
is told as an alarm, and nothing of it is taken. Who an identity belongs to is the server's word, of which the
first counts: another one later is an alarm too. Whom nothing here names any more is forgotten in the end, so
that the store does not grow for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from ymera_client.courier import Courier
from ymera_client.crypto import stored
from ymera_client.crypto.commits import Add, Commit, DevUp
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.identity import History, verify_chain
from ymera_client.crypto.recovery import Trust
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import Conflict, NotFound
from ymera_client.generated import Identity, IdentityChain, IdentityList, MemberGet
from ymera_client.sealed.cabinet import Cabinet, Transaction
from ymera_client.sealed.faults import raised
from ymera_client.sealed.records import Known, pack, unpack
from ymera_client.sealed.view import Trust as Standing

MAX_ASKED = 200
"""Members that the server tells of at once."""
MAX_OTHERS = 5_000
"""Identities that are kept beside those that are needed, the last that were met: a room names no more."""
MOVED, TWICE = "member_moved", "member_twice"
"""Alarms about whose an identity is."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What no honest server does with an identity."""

    member_id: str
    fp: str
    fault: str
    message: str


class Directory:
    """Everybody whose identity this device has seen. `alarmed` is told what no honest server shows."""

    def __init__(self, cabinet: Cabinet, courier: Courier, alarmed: Callable[[Alarm], None]) -> None:
        self._cabinet = cabinet
        self._courier = courier
        self._alarmed = alarmed
        self._fetching = asyncio.Lock()
        """Taken in turn, so that no chain is extended from two sides."""
        self.recall: Callable[[bytes], Awaitable[Trust | None]] = _nothing
        """What a restored backup knows of an identity."""
        self.needed: Callable[[], set[bytes] | None] = lambda: None
        """The identities that rooms and the own one name; None while that is not known."""
        self._trim_at = MAX_OTHERS
        self._met: dict[bytes, None] = {}
        """Everybody, whom somebody asked for last at the end."""
        self.histories: dict[bytes, History] = {}
        """Verified chains by fp."""
        self._known: dict[bytes, Known] = {}
        self._current: dict[str, bytes] = {}

    async def load(self) -> None:
        """Take up what the store has."""

        def read(
            transaction: Transaction,
        ) -> tuple[dict[bytes, History], dict[bytes, Known], dict[str, bytes]]:
            chains = {fp: stored.load_history(value) for fp, value in transaction.each("chain")}
            known = {fp: unpack(value, Known) for fp, value in transaction.each("known")}
            return chains, known, {key.decode(): fp for key, fp in transaction.each("current")}

        self.histories, self._known, self._current = await self._cabinet.transact(read)
        self._met = dict.fromkeys(sorted(self.histories, key=self._order))

    def about(self, fp: bytes) -> Known | None:
        """Who an identity is."""
        return self._known.get(fp)

    def current(self, member_id: str) -> bytes | None:
        """The identity that the server last called a member's."""
        return self._current.get(member_id)

    def trust(self, member_id: str) -> Standing:
        """What is known of who a member is."""
        fp = self._current.get(member_id)
        return "unverified" if fp is None else self.trust_in(fp)

    def trust_in(self, fp: bytes) -> Standing:
        """`verified`, `unverified`, or `changed`: another identity of theirs was known before this one."""
        known = self._known.get(fp)
        if known is None:
            return "unverified"
        if known.verified:
            return "verified"
        return "changed" if self._others(known.member_id, fp) else "unverified"

    def _others(self, member_id: str, fp: bytes) -> bool:
        return any(
            other != fp and known.member_id == member_id and (known.verified or known.order < self._order(fp))
            for other, known in self._known.items()
        )

    def _order(self, fp: bytes) -> int:
        known = self._known.get(fp)
        return self._next() if known is None else known.order

    def _next(self) -> int:
        """The order of whoever is met next."""
        return 1 + max((known.order for known in self._known.values()), default=-1)

    async def confirm(self, fp: bytes) -> None:
        """An identity is who it is said to be: a number was compared, or the secret of a link was known."""
        await self._keep_known(fp, msgspec.structs.replace(self._known[fp], verified=True))

    async def find(self, member_id: str) -> bytes:
        """A member's identity, with its newest chain. NotFound if they have none."""
        found = await self.refresh([member_id])
        if member_id not in found:
            raise NotFound(f"Member {member_id} has no identity yet; they begin one on a device of theirs.")
        return found[member_id]

    async def refresh(self, members: Iterable[str]) -> dict[str, bytes]:
        """Ask how far these members' chains reach, and fetch what is new; their present identities."""
        asked, found = sorted(set(members)), {}
        for start in range(0, len(asked), MAX_ASKED):
            answer = await self._courier(IdentityList(members=asked[start : start + MAX_ASKED]))
            for identity in answer:
                found[identity.id] = await self.hear(identity)
        return found

    async def hear(self, identity: Identity) -> bytes:
        """The server says how far somebody's chain reaches; the fp."""
        fp = from_text(identity.fp)
        await self._reach(fp, identity)
        if not self._is_of(fp, identity.id):
            raise Conflict(
                f"The server says now that an identity is member {identity.id}'s that was another's before.",
                data={"fault": MOVED},
            )
        await self._keep_current(identity.id, fp)
        return fp

    def concerns(self, identity: Identity) -> bool:
        """Whether anything is known of an identity, or of the member whose it is said to be."""
        if any(known.member_id == identity.id for known in self._known.values()):
            return True
        with suppress(Cx1Error):
            return from_text(identity.fp) in self.histories
        return False

    async def reach(self, commits: Iterable[Commit]) -> None:
        """Fetch the chains that these commits name, as far as they name them."""
        wanted: dict[bytes, int] = {}
        for commit in commits:
            wanted.setdefault(commit.author_fp, 0)
            for op in commit.ops:
                if isinstance(op, Add | DevUp):
                    wanted[op.fp] = max(wanted.get(op.fp, 0), op.pin.seq)
        for fp, seq in wanted.items():
            self._meet(fp)
            history = self.histories.get(fp)
            if history is None or history.newest.pin.seq < seq or fp not in self._known:
                await self.fetch(fp)

    async def _take(self, fp: bytes, links: Iterable[bytes]) -> History:
        """Further links of a chain, verified and kept; Cx1Error if they are none."""
        held = self.histories.get(fp)
        history = verify_chain(links, fp=fp) if held is None else held.extend(links)
        dumped = stored.dump_history(history)
        await self._cabinet.transact(lambda transaction: transaction.put("chain", dumped, fp))
        self.histories[fp] = history
        self._meet(fp)
        return history

    def _meet(self, fp: bytes) -> None:
        if fp in self.histories:
            self._met.pop(fp, None)
            self._met[fp] = None

    async def _reach(self, fp: bytes, said: Identity) -> None:
        self._meet(fp)
        held = self.histories.get(fp)
        if held is None or held.newest.pin.seq < said.seq or fp not in self._known:
            await self.fetch(fp)
            return
        if held.newest.pin.seq > said.seq:
            # One that was overtaken by a newer word is no shorter chain: ask before crying out.
            said = (await self._courier(IdentityChain(fp=to_text(fp), after_seq=said.seq))).identity
        self._compare(fp, held, said)

    async def fetch(self, fp: bytes) -> None:
        """Fetch what is new of a chain."""
        async with self._fetching:
            await self._fetch(fp)
            if len(self.histories) > self._trim_at:
                await self._trim()

    async def _fetch(self, fp: bytes) -> None:
        while True:
            held = self.histories.get(fp)
            after = -1 if held is None else held.newest.pin.seq
            answer = await self._courier(IdentityChain(fp=to_text(fp), after_seq=after))
            try:
                history = await self._take(fp, map(from_text, answer.links))
            except Cx1Error as refusal:
                self._alarm(answer.identity.id, fp, refusal)
                raise raised(refusal) from refusal
            if fp not in self._known:
                await self._introduce(fp, answer.identity.id)
            self._is_of(fp, answer.identity.id)
            if history.newest.pin.seq >= answer.identity.seq or not answer.links:
                self._compare(fp, history, answer.identity)
                return

    async def _trim(self) -> None:
        """Forget whom nothing names any more, those that were met last excepted."""
        needed = self.needed()
        if needed is None:
            return
        needed |= {fp for fp, known in self._known.items() if known.verified}
        needed |= {self.histories[fp].newest.owner_fp for fp in needed if fp in self.histories}
        # Without a member's other identities it would not be known that theirs has changed.
        members = {self._known[fp].member_id for fp in needed if fp in self._known}
        needed |= {fp for fp, known in self._known.items() if known.member_id in members}
        gone = dict.fromkeys([fp for fp in self._met if fp not in needed][:-MAX_OTHERS])
        strangers = [member_id for member_id, fp in self._current.items() if fp in gone]
        # From memory first: whoever asks for one meanwhile waits for this to be over, and fetches it again.
        for fp in gone:
            del self.histories[fp], self._met[fp]
            self._known.pop(fp, None)
        for member_id in strangers:
            del self._current[member_id]
        self._trim_at = len(self.histories) + MAX_OTHERS

        def forget(transaction: Transaction) -> None:
            for fp in gone:
                transaction.drop("chain", fp)
                transaction.drop("known", fp)
            for member_id in strangers:
                transaction.drop("current", member_id.encode())

        await self._cabinet.transact(forget)

    def _compare(self, fp: bytes, held: History, said: Identity) -> None:
        """Hold what the server says against what is kept."""
        place = held.newest.pin
        if said.seq < place.seq:
            refusal = Cx1Error(Fault.CHAIN_TRUNCATED, "the chain ends before what was seen of it")
        elif from_text(said.head) != held.states[min(said.seq, place.seq)].pin.head:
            refusal = Cx1Error(Fault.CHAIN_FORKED, "the chain has another link than was seen there")
        else:
            return
        self._alarm(said.id, fp, refusal)
        raise raised(refusal)

    def _is_of(self, fp: bytes, member_id: str) -> bool:
        """Whether an identity is still said to be the same member's; an alarm, if it is not."""
        known = self._known[fp]
        if known.member_id != member_id:
            message = f"the server says that the identity of {known.name} is member {member_id}'s"
            self._alarmed(Alarm(known.member_id, to_text(fp), MOVED, message))
        return known.member_id == member_id

    def cry_twice(self, fp: bytes) -> None:
        """An identity came into a room in which its member has another one already."""
        known = self._known[fp]
        message = (
            f"{known.name} has a second identity in a room, which counts as a stranger there. If it is "
            "theirs, put the first one out."
        )
        self._alarmed(Alarm(known.member_id, to_text(fp), TWICE, message))

    def _alarm(self, member_id: str, fp: bytes, refusal: Cx1Error) -> None:
        self._alarmed(Alarm(member_id, to_text(fp), refusal.fault.label, refusal.detail))

    async def _introduce(self, fp: bytes, member_id: str) -> None:
        try:
            name = (await self._courier(MemberGet(member_id=member_id))).name
        except NotFound:
            name = "?"
        remembered = await self.recall(fp)
        verified = remembered is not None and remembered.verified
        await self._keep_known(fp, Known(member_id, name, verified, self._next()))
        if member_id not in self._current:
            await self._keep_current(member_id, fp)
        if remembered is not None:
            try:
                self.histories[fp].at(remembered.pin)
            except Cx1Error as refusal:
                self._alarm(member_id, fp, refusal)

    async def _keep_current(self, member_id: str, fp: bytes) -> None:
        if self._current.get(member_id) != fp:
            key = member_id.encode()
            await self._cabinet.transact(lambda transaction: transaction.put("current", fp, key))
            self._current[member_id] = fp

    async def _keep_known(self, fp: bytes, known: Known) -> None:
        await self._cabinet.transact(lambda transaction: transaction.put("known", pack(known), fp))
        self._known[fp] = known


async def _nothing(fp: bytes) -> Trust | None:  # noqa: ARG001 - who has no backup recalls nobody
    return None
