"""Recovery codes, and the backup that one opens."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scripts.generator.vectors.cases import HEX, Case, Json, call, invalid, pin_of, valid
from scripts.generator.vectors.cast import Chance
from scripts.generator.vectors.epochs import epoch_of, make_epoch
from ymera_client.crypto import recovery
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.links import Pin
from ymera_client.crypto.primitives import encrypt_framed, signing_pair
from ymera_client.crypto.recovery import Backup, Trust


@call
def make_code(entropy: str) -> Json:
    code = recovery.make_code(HEX(entropy))
    return {"code": code, "shown": recovery.show_code(code)}


@call
def normalise_code(typed: str) -> str:
    return recovery.normalise_code(typed)


@call
def stretch(code: str, salt: str) -> Json:
    """Argon2id of a normalised code, whose checksum is not looked at."""
    root = recovery.stretch(code, HEX(salt))
    return {"root": root, "recovery_pk": signing_pair(recovery.signing_seed(root))[0]}


@call
def seal_master(root: str, backup: Mapping[str, Any], nonce: str) -> bytes:
    return recovery.seal_master(HEX(root), _backup(backup), HEX(nonce))


@call
def open_master(root: str, sealed: str, fp: str, version: int, least: int) -> Backup:
    return recovery.open_master(HEX(root), HEX(sealed), fp=HEX(fp), version=version, least=least)


@call
def seal_entry(backup: Mapping[str, Any], epoch: Mapping[str, Any], secret: str, nonce: str) -> bytes:
    return recovery.seal_entry(_backup(backup), epoch_of(epoch), HEX(secret), HEX(nonce))


@call
def open_entry(backup: Mapping[str, Any], epoch: Mapping[str, Any], sealed: str) -> bytes:
    return recovery.open_entry(_backup(backup), epoch_of(epoch), HEX(sealed))


@call
def seal_trust(backup: Mapping[str, Any], trust: Mapping[str, Any], nonce: str) -> bytes:
    known = Trust(HEX(trust["fp"]), pin_of(trust["pin"]), trust["verified"])
    return recovery.seal_trust(_backup(backup), known, HEX(nonce))


@call
def open_trust(backup: Mapping[str, Any], fp: str, sealed: str) -> Trust:
    return recovery.open_trust(_backup(backup), HEX(fp), HEX(sealed))


def _backup(backup: Mapping[str, Any]) -> Backup:
    return Backup(HEX(backup["fp"]), backup["version"], HEX(backup["master"]))


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from _codes()
    yield valid(
        "stretch",
        "of the specification",
        "stretch",
        code="0123456789ABCDEFGHJKMNPQRSTVWX01",
        salt=b"\x05" * 16,
    )
    yield from _masters()
    yield from _entries()
    yield from _trusts()


def _codes() -> Iterator[Case]:
    for name, entropy in {"zero": bytes(19), "ones": b"\xff" * 19, "random": Chance("code").draw(19)}.items():
        yield valid(f"code-{name}", "150 bits and their rest by 1021", "make_code", entropy=entropy)
    code = recovery.make_code(Chance("code").draw(19))
    typed = {
        "as-shown": recovery.show_code(code),
        "lower": code.lower(),
        "spaced": f" {code[:7]}\t{code[7:]}\n",
        "look-alikes": code.replace("0", "O").replace("1", "l"),
    }
    zeros = recovery.make_code(bytes(19))
    yield valid("typed-letters-o", "O is read as 0", "normalise_code", typed="O" * 32)
    assert zeros == "0" * 32
    for name, text in typed.items():
        yield valid(f"typed-{name}", "people write as they like", "normalise_code", typed=text)
    first = "A" if code[0] != "A" else "B"
    at = next(each for each in range(29) if code[each] != code[each + 1])
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    wrong = {
        "short": (Fault.CODE_LENGTH, code[:-1]),
        "long": (Fault.CODE_LENGTH, code + "0"),
        "empty": (Fault.CODE_LENGTH, ""),
        "letter-u": (Fault.CODE_CHARACTER, "U" + code[1:]),
        "not-ascii": (Fault.CODE_CHARACTER, "É" + code[1:]),
        "other-digit": (Fault.CODE_CHARACTER, "٣" + code[1:]),
        "wrong-character": (Fault.CODE_CHECKSUM, first + code[1:]),
        "wrong-check": (Fault.CODE_CHECKSUM, code[:-1] + ("0" if code[-1] != "0" else "1")),
        "check-beyond": (Fault.CODE_CHECKSUM, "0" * 30 + "ZX"),
        "swapped": (Fault.CODE_CHECKSUM, swapped),
    }
    for name, (fault, text) in wrong.items():
        yield invalid(f"typed-{name}", "a mistake in writing", fault, "normalise_code", typed=text)


def _masters() -> Iterator[Case]:
    chance = Chance("master")
    root, nonce = chance.draw(32), chance.draw(24)
    backup = Backup(chance.draw(32), 3, chance.draw(32))
    sealed = recovery.seal_master(root, backup, nonce)
    yield valid("seal-master", "under the code", "seal_master", root=root, backup=backup, nonce=nonce)
    good = {"root": root, "sealed": sealed, "fp": backup.fp, "version": 3, "least": 3}
    yield valid("open-master", "the reverse", "open_master", **good)
    wrong: dict[str, tuple[Fault, dict[str, Any]]] = {
        "other-code": (Fault.BACKUP_MASTER, {"root": chance.draw(32)}),
        "other-user": (Fault.BACKUP_MASTER, {"fp": chance.draw(32)}),
        "other-version": (Fault.BACKUP_MASTER, {"version": 4}),
        "old": (Fault.BACKUP_OLD, {"least": 4}),
        "empty": (Fault.BACKUP_MASTER, {"sealed": b""}),
        "short": (
            Fault.BACKUP_MASTER,
            {"sealed": recovery.seal_master(root, replace(backup, master=b"short"), nonce)},
        ),
    }
    for name, (fault, changed) in wrong.items():
        comment = "not the newest backup of this user under this code"
        yield invalid(f"master-{name}", comment, fault, "open_master", **{**good, **changed})


def _entries() -> Iterator[Case]:
    chance = Chance("entries")
    backup = Backup(chance.draw(32), 3, chance.draw(32))
    secret, nonce = chance.draw(32), chance.draw(24)
    epoch = make_epoch(2, secret)
    given = {"backup": backup, "epoch": epoch}
    sealed = recovery.seal_entry(backup, epoch, secret, nonce)
    yield valid("seal-entry", "of one epoch", "seal_entry", secret=secret, nonce=nonce, **given)
    yield valid("open-entry", "the reverse", "open_entry", sealed=sealed, **given)
    foreign = recovery.seal_entry(backup, epoch, b"\x09" * 32, nonce)
    short = recovery.seal_entry(backup, epoch, b"short", nonce)
    wrong: dict[str, tuple[Fault, dict[str, Any]]] = {
        "other-epoch": (Fault.BACKUP_ENTRY, {"epoch": make_epoch(3, secret)}),
        "other-room": (Fault.BACKUP_ENTRY, {"epoch": make_epoch(2, secret, room_ref=b"\x09" * 32)}),
        "other-version": (Fault.BACKUP_ENTRY, {"backup": replace(backup, version=4)}),
        "other-user": (Fault.BACKUP_ENTRY, {"backup": replace(backup, fp=b"\x09" * 32)}),
        "other-master": (Fault.BACKUP_ENTRY, {"backup": replace(backup, master=b"\x09" * 32)}),
        "other-secret": (Fault.KEY_COMMIT, {"sealed": foreign}),
        "short-secret": (Fault.KEY_COMMIT, {"sealed": short}),
        "cut": (Fault.BACKUP_ENTRY, {"sealed": sealed[:39]}),
    }
    for name, (fault, changed) in wrong.items():
        comment = "an entry of another place, or whose secret does not fit the log"
        yield invalid(f"entry-{name}", comment, fault, "open_entry", **{"sealed": sealed, **given, **changed})


def _trusts() -> Iterator[Case]:
    chance = Chance("trust")
    backup = Backup(chance.draw(32), 3, chance.draw(32))
    nonce = chance.draw(24)
    trust = Trust(chance.draw(32), Pin(4, chance.draw(32)), verified=True)
    sealed = recovery.seal_trust(backup, trust, nonce)
    yield valid("seal-trust", "who was verified", "seal_trust", backup=backup, trust=trust, nonce=nonce)
    given = {"backup": backup, "fp": trust.fp, "sealed": sealed}
    yield valid("open-trust", "the reverse", "open_trust", **given)
    comment = "the entry of another identity"
    other = {**given, "fp": chance.draw(32)}
    yield invalid("trust-other", comment, Fault.BACKUP_ENTRY, "open_trust", **other)

    def holding(plaintext: bytes) -> dict[str, Any]:
        about = backup.about(b"cx1/bt") + trust.fp
        return {**given, "sealed": encrypt_framed(backup.key, nonce, plaintext, about)}

    good = b"\x01" + trust.pin.encode()
    for name, fault, plaintext in (
        ("cut", Fault.TRUNCATED, good[:-1]),
        ("longer", Fault.TRAILING, good + b"\0"),
        ("value", Fault.VALUE, b"\x02" + good[1:]),
    ):
        yield invalid(f"trust-{name}", "not its form", fault, "open_trust", **holding(plaintext))
