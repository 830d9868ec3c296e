"""The server's validator and the SDK's make the same of whatever hostile members and broken wires send.

`YMERA_DIFFERENTIAL_CASES` and `YMERA_DIFFERENTIAL_SEED` try more, or others.
"""

import os
from random import Random

import pytest

from scripts.generator.vectors.cases import plain, play
from tests.handlers.cx1 import hostility
from tests.handlers.cx1.vectors import CLIENTS_FAULTS, Vector

CASES = int(os.environ.get("YMERA_DIFFERENTIAL_CASES", "1200"))
SEED = os.environ.get("YMERA_DIFFERENTIAL_SEED", "cx1")
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_both_make_the_same_of_a_case(part: int) -> None:
    for number in range(part, CASES, PARTS):
        chance = Random(f"{SEED} {number}")
        case, chains = hostility.make(chance)
        outcome = plain(play(case, chains))
        error = outcome.get("error", {})
        if error.get("fault") in CLIENTS_FAULTS:
            # The SDK's judgement ends here, where the server sees nothing wrong.
            case["input"]["items"] = case["input"]["items"][: error["at"] + 1]
        bare = {key: value for key, value in case.items() if key not in ("error", "result")}
        vector = Vector("random", {**bare, **outcome}, chains)
        assert vector.play() == vector.expected(), (number, case["id"])
