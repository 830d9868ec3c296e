import pytest

from bench.absence import absences

MESSAGES = 16


def test_whoever_comes_back_has_all_that_was_said() -> None:
    with absences(MESSAGES) as away:
        assert len(away) == 2
        # Twice: each return begins from what the client had when it went away.
        for client in [*away, *away]:
            sample = client.back()
            assert sample["per_second"] == pytest.approx(MESSAGES / sample["seconds"])
            assert sample["cpu_seconds"] > 0
            assert sample["peak_mib"] > 20
