"""Values that were computed by another implementation of the same primitives, for the first lines of code."""

from scripts.generator.vectors.epochs import make_epoch
from ymera_client.crypto import epochs, primitives, ratchet, recovery

KEY, ROOM, EPOCH, DEVICE = b"\x01" * 32, b"\x03" * 32, 7, b"\x04" * 16


def test_hashes() -> None:
    derived = primitives.derive(KEY, b"cx1/next")
    assert derived.hex() == "f9c9c662b569f9b3280e691e600813a94cc421954f64929e06cc296cfc35170e"
    digest = primitives.digest(b"cx1/ct", b"abc")
    assert digest.hex() == "ff332f10833c8af67e282ec9390397d2646b3c87969135fef12d7a53d3bd141f"


def test_an_epoch_and_its_first_message_keys() -> None:
    committed = epochs.key_commit(KEY, ROOM, EPOCH)
    assert committed.hex() == "dc4867fc56da1d43395a2b2bae10a623449d6d0f091d81e109a154809410be69"
    strand = ratchet.first_strand(make_epoch(EPOCH, KEY), KEY, DEVICE)
    assert strand.key.hex() == "4513da9faa05143f509b6b3481c61896cadca36739cfbfb83bd7e5fda738cffd"
    keys = [strand.turn(ctr).message_key().hex() for ctr in (0, 1)]
    assert keys == [
        "8adaabb40ab8a96ddf61714088fa54b02bfe84b3e6df0f12653505619b78d10c",
        "7ada8e454f5634537d7974b6dc9dfabb6a0d962185f611d316210afe4438fb6d",
    ]


def test_what_follows_from_a_recovery_code() -> None:
    root = recovery.stretch("0123456789ABCDEFGHJKMNPQRSTVWX01", b"\x05" * 16)
    assert root.hex() == "4bd182f3482d0234f742b46ca851ca921dcf37090a4039837757814672de0d8c"
    public, _ = primitives.signing_pair(recovery.signing_seed(root))
    assert public.hex() == "96f27ab7dc203614b731e1403615c3248774855e510043ab189383aea05ec50c"
