from bench.parcel import shelves


def test_a_file_goes_into_either_room_and_comes_back() -> None:
    with shelves() as made:
        # Those with keys twice: once as new devices, and once with what they have kept.
        for shelf in [*made, *made[1::2]]:
            sample = shelf.carry(2)
            assert min(sample.values()) > 0
            assert not [path for path in (shelf.server.folder / "files").rglob("*") if path.is_file()]
            assert {path.name for path in shelf.folder.iterdir()}.isdisjoint({"source", "copy"})
