"""The recovery code, what follows from it, and the backup that it opens.

A code is 30 random Crockford characters and two that catch every single wrong character and every swap of two
neighbours. There is no other way in: no passphrase of a person's choosing.
"""

import re
from dataclasses import dataclass

from nacl import bindings as sodium

from ymera_client.crypto.epochs import Epoch, accept_secret
from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.links import Pin
from ymera_client.crypto.primitives import KEY, decrypt_framed, derive, encrypt_framed
from ymera_client.crypto.wire import Reader, u8, u32

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DATA, CHECK = 30, 2
CODE = DATA + CHECK
PRIME = 1021
ENTROPY = 19
"""Bytes that `make_code` takes; it uses 150 bits of them."""
ARGON_OPS = 3
ARGON_BYTES = 64 * 1024 * 1024
LOOK_ALIKES = str.maketrans("OIL", "011")
SPACING = re.compile(r"[\s-]+", re.ASCII)


def make_code(entropy: bytes) -> str:
    """The code of 19 random bytes, normalised."""
    if len(entropy) != ENTROPY:
        raise ValueError(f"a code is made of {ENTROPY} random bytes")
    number = int.from_bytes(entropy, "big") >> (8 * ENTROPY - 5 * DATA)
    return _spell(number, DATA) + _spell(number % PRIME, CHECK)


def show_code(code: str) -> str:
    """A normalised code in groups of four, for people."""
    return "-".join(code[start : start + 4] for start in range(0, CODE, 4))


def normalise_code(typed: str) -> str:
    """The 32 characters of a code as somebody has typed it, or what is wrong with it."""
    code = SPACING.sub("", typed).upper().translate(LOOK_ALIKES)
    require(
        len(code) == CODE, Fault.CODE_LENGTH, f"a recovery code has {CODE} characters, here are {len(code)}"
    )
    require(
        all(each in ALPHABET for each in code), Fault.CODE_CHARACTER, "a character is none that codes have"
    )
    number, check = _count(code[:DATA]), _count(code[DATA:])
    require(number % PRIME == check, Fault.CODE_CHECKSUM, "a character is wrong, or two are swapped")
    return code


def stretch(code: str, salt: bytes) -> bytes:
    """R: 32 bytes of a normalised code, by Argon2id with 64 MiB; the salt has 16 bytes."""
    return sodium.crypto_pwhash_alg(
        KEY, code.encode(), salt, ARGON_OPS, ARGON_BYTES, sodium.crypto_pwhash_ALG_ARGON2ID13
    )


def signing_seed(root: bytes) -> bytes:
    """The seed of the recovery key pair."""
    return derive(root, b"cx1/recovery-sign")


@dataclass(frozen=True, slots=True)
class Backup:
    """Whose backup it is, its version, and the master key, 32 random bytes."""

    fp: bytes
    version: int
    master: bytes

    @property
    def key(self) -> bytes:
        """Of all entries."""
        return derive(self.master, b"cx1/backup-entry")

    def about(self, label: bytes) -> bytes:
        """What something of this backup is bound to."""
        return label + b"\0" + self.fp + u32(self.version)


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of another identity: how far its chain was seen, and whether a person has verified it."""

    fp: bytes
    pin: Pin
    verified: bool


def seal_master(root: bytes, backup: Backup, nonce: bytes) -> bytes:
    """The master key under the recovery code."""
    wrap_key = derive(root, b"cx1/backup-wrap")
    return encrypt_framed(wrap_key, nonce, backup.master, backup.about(b"cx1/bm"))


def open_master(root: bytes, sealed: bytes, *, fp: bytes, version: int, least: int = 0) -> Backup:
    """The backup that a code opens. `least` is the newest version that this device knows of."""
    require(
        version >= least, Fault.BACKUP_OLD, "an older backup than the newest was served", {"least": least}
    )
    wrap_key = derive(root, b"cx1/backup-wrap")
    about = Backup(fp, version, b"").about(b"cx1/bm")
    master = decrypt_framed(wrap_key, sealed, about, Fault.BACKUP_MASTER)
    require(len(master) == KEY, Fault.BACKUP_MASTER, f"a master key has {KEY} bytes")
    return Backup(fp, version, master)


def seal_entry(backup: Backup, epoch: Epoch, secret: bytes, nonce: bytes) -> bytes:
    """The secret of an epoch in the backup."""
    return encrypt_framed(backup.key, nonce, secret, backup.about(b"cx1/be") + epoch.context)


def open_entry(backup: Backup, epoch: Epoch, sealed: bytes) -> bytes:
    """The secret of an epoch from the backup; it counts only if it fits the log."""
    about = backup.about(b"cx1/be") + epoch.context
    return accept_secret(epoch, decrypt_framed(backup.key, sealed, about, Fault.BACKUP_ENTRY))


def seal_trust(backup: Backup, trust: Trust, nonce: bytes) -> bytes:
    """What is known of an identity in the backup."""
    plaintext = u8(trust.verified) + trust.pin.encode()
    return encrypt_framed(backup.key, nonce, plaintext, backup.about(b"cx1/bt") + trust.fp)


def open_trust(backup: Backup, fp: bytes, sealed: bytes) -> Trust:
    """What the backup knows of an identity."""
    about = backup.about(b"cx1/bt") + fp
    reader = Reader(decrypt_framed(backup.key, sealed, about, Fault.BACKUP_ENTRY))
    verified = bool(reader.choice(2, "verified"))
    trust = Trust(fp, Pin.read(reader), verified)
    reader.end()
    return trust


def _spell(number: int, size: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(size)))


def _count(characters: str) -> int:
    number = 0
    for each in characters:
        number = number << 5 | ALPHABET.index(each)
    return number
