"""The secrets of devices, read from what these keep themselves."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ymera_client import KeyStore
from ymera_client.crypto.epochs import Epoch
from ymera_client.crypto.primitives import derive
from ymera_client.crypto.ratchet import KeyRing, ephemeral_key, first_strand
from ymera_client.crypto.recovery import normalise_code, signing_seed, stretch
from ymera_client.crypto.wire import from_text
from ymera_client.sealed import ledger
from ymera_client.sealed.cabinet import Transaction
from ymera_client.sealed.invites import Made
from ymera_client.sealed.records import Device, Vault, unpack

Secrets = Iterator[tuple[str, str | bytes]]


async def of_store(path: Path, key_file: Path) -> list[tuple[str, str | bytes]]:
    """The secrets in a store of the Python client, which nobody uses."""
    store = KeyStore(path, key_file=key_file)
    await store.cabinet.open()
    try:
        found = await store.cabinet.transact(lambda transaction: list(_in(transaction)))
    finally:
        await store.cabinet.close()
    key = key_file.read_bytes()
    return [("the key of the store", key), ("the key at rest", derive(key, b"ymera/at-rest")), *found]


def of_code(code: str, salt: bytes) -> Secrets:
    """A recovery code, and what follows from it."""
    typed = normalise_code(code)
    root = stretch(typed, salt)
    yield from (("the code as it is shown", code), ("the code", typed))
    yield from (("the root", root), ("the recovery key's seed", signing_seed(root)))
    yield "the key of the backup's master", derive(root, b"cx1/backup-wrap")


def of_program(kept: Sequence[tuple[str, str]], folder: Path) -> Secrets:
    """The secrets in what a program on the TypeScript client keeps."""
    yield "the key of the store, as it is in its file", (folder / "key").read_text().strip()
    for name, value in kept:
        if name == "device":
            device = json.loads(value)
            yield "the signing seed", bytes.fromhex(device["seed"])
            for box in device["boxes"]:
                yield f"the secret for boxes {box['version']}", bytes.fromhex(box["secret"])
        elif name == "vault":
            yield "the master key", bytes.fromhex(json.loads(value)["master"])
        elif name.startswith("invite/"):
            yield "the secret of an invitation", bytes.fromhex(json.loads(value)["secret"])


def _in(transaction: Transaction) -> Secrets:
    device = unpack(transaction.get("device") or b"", Device)
    yield "the signing seed", device.seed
    for box in device.boxes:
        yield f"the secret for boxes {box.version}", box.secret
    if (vault := transaction.get("vault")) is not None:
        yield "the master key", unpack(vault, Vault).master
    for key, made in transaction.each("invite"):
        yield f"the secret of the invitation {key.decode()}", unpack(made, Made).secret
    for room in transaction.rooms():
        standing = ledger.load(transaction, room)
        assert standing is not None
        yield from _of_ring(room, standing.keys, standing.timeline.room.epochs)


def _of_ring(room: str, ring: KeyRing, epochs: Sequence[Epoch]) -> Secrets:
    for number, keys in ring.epochs.items():
        where = f"of epoch {number} of the room {room}"
        for sender, strand in keys.strands.items():
            yield f"the chain, as far as it was turned, of {sender.hex()} {where}", strand.key
        for sender, key in keys.ephemeral.items():
            yield f"the key of whispers of {sender.hex()} {where}", key
        if keys.secret is None:
            continue
        yield f"the secret {where}", keys.secret
        for sender in [each.device_id for each in epochs[number - 1].recipients]:
            strand = first_strand(keys.epoch, keys.secret, sender)
            yield f"the chain of {sender.hex()} {where}", strand.key
            yield f"the first message key of {sender.hex()} {where}", strand.message_key()
            yield (
                f"the key of whispers of {sender.hex()} {where}",
                ephemeral_key(keys.epoch, keys.secret, sender),
            )


def of_file(file: Mapping[str, Any]) -> Secrets:
    """The keys of a file of a sealed room, and the hash by which its content could be guessed."""
    for version in file["versions"]:
        blob = version["object"]
        yield f"the key of {file['name']}, version {version['number']}", from_text(blob["key"])
        yield f"the hash of {file['name']}, version {version['number']}", from_text(blob["pt_hash"])
