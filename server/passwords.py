"""Passwords: Argon2id in a few threads, so that sign-ins take up neither the event loop nor the memory.

Invariant: verifying costs the same whether or not there is a password to verify against.
"""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from protocol.errors import ApiError, ErrorCode

T = TypeVar("T")

OPERATIONS = argon2id.OPSLIMIT_INTERACTIVE
MEMORY_BYTES = argon2id.MEMLIMIT_INTERACTIVE
AT_ONCE = max(2, min(8, (os.cpu_count() or 1) // 2))
"""Hashes computed at the same time, each with `MEMORY_BYTES`."""
MAX_WAITING = 64
WAIT_SECONDS = 5.0

# Nobody knows a password for it: it says that the hash came out as zeros.
_NOBODYS = f"$argon2id$v=19$m={MEMORY_BYTES // 1024},t={OPERATIONS},p=1${'A' * 22}${'A' * 43}"


class Passwords:
    """Hashes and verifies, a few at a time; whoever would wait too long gets `unavailable`."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    def close(self) -> None:
        """Compute nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """What to store of a password."""
        return await self._in_turn(lambda: argon2id.str(_bytes(password), OPERATIONS, MEMORY_BYTES).decode())

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; None, for an account that is not there, takes as long."""
        return await self._in_turn(lambda: _matches(stored or _NOBODYS, password))

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._turns.release()


def _matches(stored: str, password: str) -> bool:
    try:
        return argon2id.verify(stored.encode(), _bytes(password))
    except InvalidkeyError:
        return False


def _bytes(password: str) -> bytes:
    """Keyboards differ in how they compose the same characters."""
    return unicodedata.normalize("NFKC", password).encode()


def _busy() -> ApiError:
    return ApiError(
        ErrorCode.UNAVAILABLE, "Too many people are signing in right now; try again.", retry_after=2
    )
