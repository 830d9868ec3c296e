"""The REST surface of a node, as a client meets it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from nacl.pwhash import argon2id

from handlers import accounts
from persistence import invitations
from persistence.database import clock
from persistence.ids import new_id, new_secret, secret_hash
from protocol.errors import ErrorCode
from protocol.members import Member
from protocol.rest import CSRF_HEADER
from protocol.roles import WorkspaceRole
from tests.nodes import RunningNode

PASSWORD = "correct horse battery"
CHEAP_HASH = argon2id.str(PASSWORD.encode(), argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN).decode()
"""Of `PASSWORD`; as good as a dear one, and sooner verified."""
CSRF = {CSRF_HEADER: "1"}


@dataclass(frozen=True)
class Answer:
    """A status, a decoded body (None if empty) and headers."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> ErrorCode:
        """The error's code."""
        return ErrorCode(self.body["error"]["code"])


class Api:
    """A client with a cookie jar of its own."""

    def __init__(self, running: RunningNode, session: aiohttp.ClientSession) -> None:
        self.running = running
        self.session = session

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> Answer:
        """What the server answers; `_` in header names stands for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        async with self.session.request(method, path, json=body, headers=sent) as response:
            raw = await response.read()
            decoded = await response.json() if response.content_type == "application/json" else raw or None
            return Answer(response.status, decoded, response.headers)

    async def login(self, email: str, password: str = PASSWORD, **more: Any) -> Answer:
        """The answer to a sign-in."""
        return await self.call("POST", "/api/auth/login", {"email": email, "password": password, **more})

    async def signed_in(self, email: str) -> Any:
        """The credentials of a sign-in that must succeed."""
        answer = await self.login(email)
        assert answer.status == 200, answer
        return answer.body

    async def refresh(self, refresh_token: str) -> Answer:
        """The answer to a refresh token."""
        return await self.call("POST", "/api/auth/refresh", {"refresh_token": refresh_token})

    async def me(self, token: str) -> Answer:
        """Who a token stands for."""
        return await self.call("GET", "/api/auth/me", token=token)

    async def person(self, name: str, role: WorkspaceRole = WorkspaceRole.MEMBER) -> Member:
        """A new member whose password is `PASSWORD` and whose address is `name`@example.org."""
        async with self.running.node.pool.acquire() as tx, tx.transaction():
            member, events = await accounts.admit(
                tx,
                await tx.fetchval("SELECT id FROM workspace"),
                name=name,
                role=role,
                now=await clock(tx),
                email=f"{name}@example.org",
                password_hash=CHEAP_HASH,
            )
        await self.running.node.dispatcher.publish(events)
        return member

    async def invite(self, inviter: Member, **more: Any) -> str:
        """The secret of an invitation by this member."""
        secret = new_secret("ymi_")
        async with self.running.node.pool.acquire() as tx:
            now = await clock(tx)
            wanted = {"role": WorkspaceRole.MEMBER, "email": None, "project_id": None, "project_role": None}
            await invitations.insert(
                tx,
                new_id(),
                secret_hash(secret),
                created_by=inviter.id,
                now=now,
                expires_at=now + timedelta(hours=1),
                **{**wanted, **more},
            )
        return secret


@asynccontextmanager
async def client(running: RunningNode) -> AsyncIterator[Api]:
    """A client of a node."""
    jar = aiohttp.CookieJar(unsafe=True)  # it would keep no cookies of an address without a name
    async with aiohttp.ClientSession(running.url, cookie_jar=jar) as session:
        yield Api(running, session)
