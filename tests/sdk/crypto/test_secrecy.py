"""Who can read what, and for how long: after removals, joins, deletions, losses and recoveries."""

import pickle

import pytest

from scripts.generator.vectors import rooms
from scripts.generator.vectors.cast import Person, Stage
from tests.sdk.crypto.limits import crowd
from ymera_client.crypto import epochs, identity, membership, recovery
from ymera_client.crypto.authoring import due, needs_epoch, seal_boxes, ungranted
from ymera_client.crypto.commits import Add, DevUp, Policy, Remove, Retention, Role, Rotate
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.epochs import Recipient
from ymera_client.crypto.errors import Blame, Cx1Error, Fault
from ymera_client.crypto.links import DeviceRevoke
from ymera_client.crypto.membership import check_grant
from ymera_client.crypto.operations import Member
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.transcript import Opened, Unreadable, Waiting, read

SHARED, FROM_JOIN = rooms.SHARED, Policy()
EPHEMERAL = Policy(retention=Retention.EPHEMERAL, rotate_secs=86400)


def ring_of(stage: Stage, person: Person, device: str = "first") -> KeyRing:
    """What a device has by all the boxes it ever got."""
    ring = KeyRing.empty()
    made = [item for item in stage.items if item.boxes]
    for epoch in stage.room.epochs:
        ids = [each.device_id for each in epoch.recipients]
        if person.id_of(device) in ids:
            box = made[epoch.number - 1].boxes[ids.index(person.id_of(device))]
            x_secret = person.devices[device].x_secrets[epochs.box_version(box)]
            secret = epochs.open_box(epoch, box, device_id=person.id_of(device), x_secret=x_secret)
            ephemeral = stage.room.policy.retention is Retention.EPHEMERAL
            ring = ring.unlock(stage.room.epochs, epoch.number, secret, ephemeral=ephemeral)[0]
    return ring


def texts(stage: Stage, ring: KeyRing) -> list[str]:
    """What somebody with these keys reads of all that was said."""
    outcomes = [read(parse_envelope(item.raw), ring)[0] for item in stage.items if item.what == "envelope"]
    return [each.content.data.decode()[9:-2] for each in outcomes if isinstance(each, Opened)]


def test_who_was_removed_reads_nothing_from_then_on() -> None:
    ann, bob, eve = (Person(name) for name in ("ann", "bob", "eve"))
    stage = Stage(ann, SHARED)
    stage.add(ann, bob, eve)
    stage.say(ann, "before")
    stage.commit(ann, Remove(eve.fp))
    stage.say(bob, "after")
    kept = ring_of(stage, eve)
    assert texts(stage, kept) == ["before"]
    assert texts(stage, ring_of(stage, bob)) == ["before", "after"]
    outcome, _ = read(parse_envelope(stage.items[-1].raw), kept)
    assert isinstance(outcome, Waiting)
    for box in stage.items[-2].boxes:
        with pytest.raises(Cx1Error) as refused:
            epochs.open_box(
                stage.room.epochs[-1], box, device_id=eve.id_of(), x_secret=eve.devices["first"].x_secrets[0]
            )
        assert refused.value.fault is Fault.BOX


def test_a_newcomer_reads_from_the_beginning_or_from_its_coming() -> None:
    for policy, expected in ((SHARED, ["first", "second", "third"]), (FROM_JOIN, ["third"])):
        ann, bob, cat = (Person(name) for name in ("ann", "bob", "cat"))
        stage = Stage(ann, policy)
        stage.add(ann, bob)
        stage.say(ann, "first")
        stage.rotate(bob)
        stage.say(bob, "second")
        stage.add(ann, cat)
        stage.say(ann, "third")
        assert texts(stage, ring_of(stage, cat)) == expected
        assert texts(stage, ring_of(stage, bob)) == ["first", "second", "third"]


def test_nothing_leads_past_a_change_of_the_rules() -> None:
    ann, bob = Person("ann"), Person("bob")
    stage = Stage(ann, FROM_JOIN)
    stage.rotate(ann)
    stage.say(ann, "among ourselves")
    stage.commit(ann, SHARED)
    stage.say(ann, "for all")
    stage.add(ann, bob)
    assert texts(stage, ring_of(stage, bob)) == ["for all"]


def test_an_ephemeral_room_keeps_no_key_that_was_used() -> None:
    ann, bob = Person("ann"), Person("bob")
    stage = Stage(ann, EPHEMERAL)
    stage.add(ann, bob)
    ring = ring_of(stage, bob)
    assert ring.secrets() == {}
    said = [parse_envelope(stage.say(ann, text)) for text in ("one", "two", "three")]
    known = {stage.secrets[1], *(stage.ring.take(1, ann.id_of(), ctr)[0] for ctr in range(3))}
    for envelope in said:
        outcome, ring = read(envelope, ring)
        assert isinstance(outcome, Opened)
    held = pickle.dumps(_plain(ring))
    assert not [key for key in known if key in held]
    for envelope in said:
        outcome, _ = read(envelope, ring)
        assert outcome == Unreadable(envelope, Fault.KEY_DELETED)
    assert isinstance(read(said[0], ring.drop(1))[0], Waiting)


def _plain(ring: KeyRing) -> object:
    return [(keys.secret, dict(keys.strands), dict(keys.ephemeral)) for keys in ring.epochs.values()]


def test_an_ephemeral_ring_still_knows_the_keys_of_ephemeral_envelopes() -> None:
    _, stage = rooms.stage(EPHEMERAL)
    ring = KeyRing.empty()
    for epoch in stage.room.epochs:
        ring = ring.hold(epoch, stage.secrets[epoch.number], ephemeral=True)
    for each in stage.room.epochs[-1].recipients:
        assert ring.ephemeral_key(2, each.device_id) == stage.ring.ephemeral_key(2, each.device_id)


def test_a_device_that_was_given_another_secret_knows_it_and_gets_a_grant() -> None:
    ann, bob = Person("ann"), Person("bob")
    stage = Stage(ann, SHARED)
    stage.add(ann, bob)
    stage.say(ann, "hello")
    epoch = stage.room.epochs[0]
    target = Recipient(bob.fp, bob.id_of())
    where = {"room_ref": stage.room.ref, "number": 1, "seed": b"\x01" * 32}
    false = seal_boxes(b"\x09" * 32, [target], stage.directory, **where)[0]  # type: ignore[arg-type]
    x_secret = bob.devices["first"].x_secrets[0]
    with pytest.raises(Cx1Error) as refused:
        epochs.open_box(epoch, false, device_id=bob.id_of(), x_secret=x_secret)
    assert (refused.value.fault, refused.value.blame) == (Fault.KEY_COMMIT, Blame.SENDER)
    waiting, ring = read(parse_envelope(stage.items[-1].raw), KeyRing.empty())
    assert isinstance(waiting, Waiting)
    check_grant(stage.room, 1, target)
    granted = seal_boxes(stage.secrets[1], [target], stage.directory, **where)[0]  # type: ignore[arg-type]
    secret = epochs.open_box(epoch, granted, device_id=bob.id_of(), x_secret=x_secret)
    assert texts(stage, ring.unlock(stage.room.epochs, 1, secret, ephemeral=False)[0]) == ["hello"]


def test_a_bad_wrap_loses_nothing_in_front_of_it() -> None:
    ann, bob, cat = (Person(name) for name in ("ann", "bob", "cat"))
    stage = Stage(ann, SHARED)
    stage.add(ann, bob)
    stage.say(ann, "first")
    stage.secrets[1] = b"\x09" * 32  # bob lies in the wrap that he makes now
    stage.rotate(bob)
    stage.add(ann, cat)
    ring, broken = KeyRing.empty().unlock(stage.room.epochs, 3, stage.secrets[3], ephemeral=False)
    assert set(ring.epochs) == {2, 3}
    assert broken is not None
    assert (broken.fault, broken.blame) == (Fault.KEY_COMMIT, Blame.SENDER)


def test_a_new_device_needs_a_grant_and_no_new_epoch() -> None:
    ann, bob = Person("ann"), Person("bob")
    stage = Stage(ann, SHARED)
    stage.add(ann, bob)
    stage.say(ann, "hello")
    bob.add_device("phone")
    op = DevUp(bob.fp, bob.pin)
    assert not needs_epoch(stage.room, ann.fp, [op], stage.directory)
    stage.commit(ann, op)
    phone = Recipient(bob.fp, bob.id_of("phone"))
    assert ungranted(stage.room) == (phone,)
    boxes = seal_boxes(
        stage.secrets[1], [phone], stage.directory, room_ref=stage.room.ref, number=1, seed=b"\x01" * 32
    )
    keys = bob.devices["phone"]
    secret = epochs.open_box(
        stage.room.epochs[0], boxes[0], device_id=phone.device_id, x_secret=keys.x_secrets[0]
    )
    assert texts(stage, KeyRing.empty().hold(stage.room.epochs[0], secret, ephemeral=False)) == ["hello"]
    stage.rotate(bob)
    assert ungranted(stage.room) == ()


def test_boxes_are_sealed_to_the_newest_key_of_a_device() -> None:
    ann, bob = Person("ann"), Person("bob")
    stage = Stage(ann, SHARED)
    stage.add(ann, bob)
    bob.rekey()
    stage.rotate(ann)
    assert epochs.box_version(stage.box_for(bob)) == 1
    assert set(stage.unlock(KeyRing.empty(), bob).epochs) == {1, 2}


def test_what_the_server_hides_is_found_before_anything_is_sent() -> None:
    """A newer chain, learnt in another room, has a revocation that this room's log lacks."""
    ann, bob = Person("ann"), Person("bob")
    bob.add_device("phone")
    stage = Stage(ann, SHARED)
    stage.add(ann, bob)
    assert due(stage.room, stage.directory, envelopes=0, age_secs=0) == ()
    bob.append(DeviceRevoke(bob.id_of("phone")))
    needed = due(stage.room, stage.directory, envelopes=0, age_secs=0)
    assert needed == (DevUp(bob.fp, bob.pin),)
    assert needs_epoch(stage.room, ann.fp, needed, stage.directory)
    stage.commit(ann, *needed)
    assert Recipient(bob.fp, bob.id_of("phone")) not in stage.room.epochs[-1].recipients


def test_a_rekey_alone_is_nothing_to_commit() -> None:
    ann = Person("ann")
    stage = Stage(ann, SHARED)
    stage.rotate(ann)
    ann.rekey()
    assert due(stage.room, stage.directory, envelopes=0, age_secs=0) == ()


def test_recovery_beats_a_stolen_device_and_brings_the_history_back() -> None:
    ann, bob = Person("ann"), Person("bob")
    stage = Stage(ann, SHARED)
    stage.add(ann, bob)
    stage.say(bob, "hello")
    code = recovery.make_code(bytes(range(19)))
    backup = recovery.Backup(bob.fp, 1, b"\x05" * 32)
    # Argon2 has its own vector; any 32 bytes serve as what it gives.
    root = code.encode()
    sealed = recovery.seal_master(root, backup, bytes(24))
    entry = recovery.seal_entry(backup, stage.room.epochs[0], stage.secrets[1], bytes(24))
    bob.add_device("new", by=None)
    bob.revoke("first", by=None)
    with pytest.raises(Cx1Error) as refused:
        identity.append(bob.history, DeviceRevoke(bob.id_of("new")), bob.signer("first"), 0)
    assert refused.value.fault is Fault.SIGNER
    stage.devup(bob, bob, device="new")
    assert stage.room.members[bob.fp] == Member(Role.MEMBER, bob.pin, 1)
    with pytest.raises(Cx1Error) as refused:
        stage.say(bob, "thief", device="first")
    assert refused.value.fault is Fault.DEVICE_INACTIVE
    opened = recovery.open_master(root, sealed, fp=bob.fp, version=1)
    secret = recovery.open_entry(opened, stage.room.epochs[0], entry)
    ring = KeyRing.empty().hold(stage.room.epochs[0], secret, ephemeral=False)
    stage.say(bob, "back", device="new")
    assert texts(stage, stage.unlock(ring, bob, "new")) == ["hello", "back"]


def test_a_room_takes_a_thousand_devices_and_no_more() -> None:
    cast, stage = rooms.stage(at=2)
    directory = stage.directory | {cast.bob.fp: crowd(cast.bob, epochs.MAX_RECIPIENTS - 1)}
    pin = directory[cast.bob.fp].newest.pin
    recipients = sorted(
        [Recipient(cast.ann.fp, cast.ann.id_of())]
        + [Recipient(cast.bob.fp, each.id) for each in directory[cast.bob.fp].newest.active()]
    )
    section = {"recips_hash": epochs.recips_hash(recipients), "prev_wrap": bytes(72)}
    raw = rooms.forge(stage, cast.ann, Add(cast.bob.fp, Role.MEMBER, pin), rotate=True, section=section)
    room = membership.apply(stage.room, raw, directory, 3)
    assert len(room.active) == epochs.MAX_RECIPIENTS


def test_a_rotation_by_hand_changes_the_secret_and_nothing_else() -> None:
    cast, stage = rooms.stage()
    before = stage.room
    stage.commit(cast.cat, Rotate())
    after = stage.room
    assert (after.members, after.active, after.policy) == (before.members, before.active, before.policy)
    assert after.epochs[-1].key_commit != before.epochs[-1].key_commit
