import shutil
import sys

import pytest

from bench import build
from bench.generator import Load, UnsoundError, connect, run
from bench.servers import Peer, serving

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None, reason="optional input absent: a C compiler, for the load generator"
)
FLOOR = Peer("floor", "ws", lambda _: [sys.executable, str(build.PEERS / "floor.py"), "joined"])
DEAF = Peer("deaf", "ws", lambda _: [sys.executable, "-c", _DEAF])
# Takes connections and answers nothing.
_DEAF = """
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print('{"port": %d}' % server.getsockname()[1], flush=True)
time.sleep(60)
"""


def test_everything_that_was_sent_is_counted_at_every_recipient() -> None:
    load = Load(connections=20, message=FLOOR.message, window=4, seconds=0.3, warmup=0.1)

    with serving(FLOOR) as server:
        sample = run(server, load)

    sent = sample["sent_per_second"] * 0.4
    # What was delivered during the warm-up is not in the measured stretch.
    assert 0 < sample["deliveries_per_second"] * 0.3 <= sent * 20
    assert sample["out_of_order"] == 0
    assert 0 < sample["p50_ms"] <= sample["p99_ms"] <= sample["max_ms"]
    assert sample["server_cpu_share"] > 0


def test_open_load_sends_no_more_than_its_rate() -> None:
    load = Load(connections=5, message=FLOOR.message, rate=200, seconds=0.5, warmup=0)

    with serving(FLOOR) as server:
        sample = run(server, load)

    assert 0 < sample["sent_per_second"] <= 220


def test_requests_are_counted_when_they_are_answered() -> None:
    load = Load(connections=0, message=FLOOR.question, in_flight=3, seconds=0.2, warmup=0)

    with serving(FLOOR) as server:
        sample = run(server, load)

    assert sample["acks_per_second"] > 0
    assert sample["ack_p50_ms"] > 0


def test_server_that_lets_nobody_in_gives_no_numbers() -> None:
    with serving(DEAF) as server, pytest.raises(UnsoundError, match="ready"):
        connect(server, Load(connections=2, senders=0, limit=0.3))
