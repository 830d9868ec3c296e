"""What a case is, and how one is run: the words of its input become a call of cx1.

An implementation in another language needs the counterparts of the calls that are registered here, and no
more, to use the vectors. Byte strings are hex.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from ymera_client.crypto import commits, links, primitives
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.identity import History, verify_chain
from ymera_client.crypto.operations import Directory

Json = Any
Case = dict[str, Any]
Call = TypeVar("Call", bound=Callable[..., Any])
CALLS: dict[str, Callable[..., Any]] = {}
HEX = bytes.fromhex


def call(function: Call) -> Call:
    """Let cases name a function."""
    CALLS[function.__name__.strip("_")] = function
    return function


def valid(name: str, comment: str, run: str, **given: Any) -> Case:
    """A case that gives a result; what that is, is found out when the file is written."""
    return {"id": name, "comment": comment, "run": run, "input": plain(given)}


def invalid(name: str, comment: str, fault: Fault, run: str, **given: Any) -> Case:
    """A case that must be refused with this fault."""
    return {**valid(name, comment, run, **given), "error": describe(fault)}


def play(case: Mapping[str, Any], chains: Mapping[str, list[str]]) -> Json:
    """Run a case: `{"result": …}`, or `{"error": …}` with where in a list it happened, if in one."""
    given = dict(case["input"])
    if "chains" in given:
        given["directory"] = directory_of(given.pop("chains"), chains)
    try:
        return {"result": plain(CALLS[case["run"]](**given))}
    except Cx1Error as error:
        at = {"at": error.data["at"]} if "at" in error.data else {}
        return {"error": describe(error.fault) | at}


def describe(fault: Fault) -> Json:
    """A fault as the vectors name it: with the code on the wire, if it has one, and what a client does."""
    return {"fault": fault.label, "code": fault.code, "blame": fault.blame}


@contextmanager
def step(index: int) -> Iterator[None]:
    """Have an error say at which item of a list it happened."""
    try:
        yield
    except Cx1Error as error:
        error.data["at"] = index
        raise


def plain(value: Any) -> Json:
    """A value as JSON."""
    if isinstance(value, Mapping):
        return {_key(key): plain(value[key]) for key in value}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return _scalar(value)


def _scalar(value: Any) -> Json:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Fault):
        return value.label
    if isinstance(value, Cx1Error):
        return value.fault.label
    return value.value if isinstance(value, Enum) else value


def _key(key: Any) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)


def directory_of(names: Iterable[str], chains: Mapping[str, list[str]]) -> Directory:
    """The verified chains, by fp, of those named."""
    histories = [_verified(tuple(chains[name])) for name in names]
    return {history.fp: history for history in histories}


@cache
def _verified(chained: tuple[str, ...]) -> History:
    return verify_chain(hexes(chained))


def hexes(values: Iterable[str]) -> list[bytes]:
    """Byte strings of a case."""
    return [HEX(each) for each in values]


def pin_of(pin: Mapping[str, Any]) -> links.Pin:
    """A pin of a case."""
    return links.Pin(pin["seq"], HEX(pin["head"]))


def seen_of(seen: Mapping[str, Any]) -> commits.Seen:
    """What a sender had seen, of a case."""
    return commits.Seen(seen["seq"], HEX(seen["hash"]))


def secret_of(seed: str) -> bytes:
    """The signing key of a seed."""
    return primitives.signing_pair(HEX(seed))[1]
