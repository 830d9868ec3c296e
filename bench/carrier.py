"""Carries files to and from a server over HTTP/1.1, with as little of its own work as the kernel allows.

What is sent goes from the page cache into the socket, and what comes is dropped by the kernel, so that the
load's core is not what a rate is limited by. Contents are compared apart from the rounds, with `sha256`.
"""

import hashlib
import itertools
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Self

from bench.generator import UnsoundError

PIECE = 1024 * 1024
HEAD = 65_536
"""Bytes in which an answer's headers must end."""
PATIENCE = 120.0
"""Seconds that a server may be silent."""
NOTHING: Mapping[str, str] = MappingProxyType({})
_names = itertools.count()


class Body:
    """A body of so many bytes, more than 32: its name, which no other has, and the rest from a larger file.

    So nothing is stored once for two.
    """

    def __init__(self, source: Path, size: int) -> None:
        self.size = size
        self.name = f"{os.getpid():016x}{next(_names):016x}"
        self._source = source
        self._mark = self.name.encode()

    def send(self, connection: socket.socket) -> None:
        """Send it all."""
        connection.sendall(self._mark, socket.MSG_MORE)
        with self._source.open("rb") as file:
            offset = len(self._mark)
            while offset < self.size:
                sent = os.sendfile(connection.fileno(), file.fileno(), offset, self.size - offset)
                if sent == 0:
                    raise UnsoundError(f"{self._source} is shorter than {self.size} bytes")
                offset += sent

    def write(self, path: Path) -> None:
        """Make a file of it."""
        with path.open("wb") as file:
            file.writelines(self._pieces())

    def sha256(self) -> str:
        """Its SHA-256, in hexadecimal digits."""
        digest = hashlib.sha256()
        for piece in self._pieces():
            digest.update(piece)
        return digest.hexdigest()

    def _pieces(self) -> Iterator[bytes]:
        yield self._mark
        with self._source.open("rb") as file:
            file.seek(len(self._mark))
            for left in range(self.size - len(self._mark), 0, -PIECE):
                yield file.read(min(PIECE, left))


class Answer:
    """What a server has said: a status, headers by their lower-case names, and how long the body was."""

    def __init__(self, head: bytes) -> None:
        status, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status.split(" ", 2)[1])
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        self.size = int(self.headers.get("content-length", 0))


class Line:
    """A connection that stays, for one request after the other."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # With a timeout the kernel's own, sockets block, and so does sendfile.
        seconds = int(PATIENCE).to_bytes(8, "little") + bytes(8)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, seconds)
        self._socket.settimeout(None)
        self._always = headers
        self._buffer = bytearray(PIECE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(
        self, method: str, path: str, body: Body | None = None, headers: Mapping[str, str] = NOTHING
    ) -> Answer:
        """Make a request and drop the answer's body; UnsoundError unless the answer is a success."""
        answer, came = self._request(method, path, body, headers)
        left = answer.size - len(came)
        while left > 0:
            # The kernel throws away what nobody would look at.
            left -= self._received(min(left, PIECE), socket.MSG_TRUNC)
        return answer

    def sha256(self, path: str) -> str:
        """The SHA-256 of what is at a path, in hexadecimal digits."""
        answer, came = self._request("GET", path, None, NOTHING)
        digest = hashlib.sha256(came)
        left = answer.size - len(came)
        while left > 0:
            count = self._received(min(left, PIECE))
            digest.update(memoryview(self._buffer)[:count])
            left -= count
        return digest.hexdigest()

    def _request(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str]
    ) -> tuple[Answer, bytes]:
        size = 0 if body is None else body.size
        said = {"Host": "127.0.0.1", "Content-Length": str(size), **self._always, **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        head = f"{method} {path} HTTP/1.1\r\n{lines}\r\n"
        self._socket.sendall(head.encode(), socket.MSG_MORE if size else 0)
        if body is not None:
            body.send(self._socket)
        came = b""
        while b"\r\n\r\n" not in came:
            if len(came) > HEAD:
                raise UnsoundError(f"{method} {path} has no end of headers in {HEAD} bytes")
            count = self._received(4096)
            came += self._buffer[:count]
        begin, _, came = came.partition(b"\r\n\r\n")
        answer = Answer(begin)
        if answer.status not in {200, 201, 204, 206}:
            raise UnsoundError(f"{method} {path} was answered by {answer.status}: {came[:300]!r}")
        return answer, came

    def _received(self, most: int, flags: int = 0) -> int:
        count = self._socket.recv_into(self._buffer, most, flags)
        if count == 0:
            raise UnsoundError("the server has ended a connection")
        return count


def at_once(count: int, each: Callable[[int], None]) -> None:
    """Do something so many times beside each other, each told its number; raises what one raises."""
    with ThreadPoolExecutor(count) as threads:
        deque(threads.map(each, range(count)), maxlen=0)
