"""What `bench/results` holds, as the charts of `docs/images` and the tables of `docs/performance.md`.

The prose of that page is written by hand; a table stands between two comments that name its results, and
only what is between them is replaced.
"""

import json
import re
import subprocess
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from bench import build
from bench.rounds import RESULTS

PAGE = build.ROOT / "docs" / "performance.md"
IMAGES = build.ROOT / "docs" / "images"
Row = dict[str, Any]

COLUMNS = {
    "fanout": {
        "deliveries_per_second": "deliveries/s",
        "cpu_seconds_per_million": "server CPU s per million",
        "load_cpu_share": "load's core in use",
    },
    "acks": {
        "acks_per_second": "acks/s",
        "cpu_seconds_per_million": "server CPU s per million",
        "ack_p50_ms": "p50 ms",
        "ack_p99_ms": "p99 ms",
    },
    "latency": {
        "deliveries_per_second": "deliveries/s",
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "p999_ms": "p999 ms",
        "server_cpu_share": "server's core in use",
    },
    "memory": {
        "bytes_per_connection": "bytes per connection",
        "connects_per_second": "connects/s",
        "per_second": "done/s",
        "p99_ms": "p99 ms",
        "slowest_ms": "slowest ms",
    },
    "cluster": {
        "deliveries_per_second": "deliveries/s",
        "cpu_seconds_per_million": "CPU s per million",
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "out_of_order": "out of order",
    },
    "dispatch": {
        "runs_per_second": "runs/s",
        "enqueued_per_second": "handed in/s",
        "cpu_ms_per_run": "CPU ms per run",
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "event_p50_ms": "p50 ms between events",
        "event_p99_ms": "p99 ms between events",
    },
    "files": {
        "mib_per_second": "MiB/s",
        "files_per_second": "answers/s",
        "cpu_ms_per_mib": "CPU ms per MiB",
        "cpu_ms_per_file": "CPU ms per answer",
        "peak_mib": "peak MiB",
        "load_cpu_share": "load's core in use",
    },
    "sealed": {
        "messages_per_second": "messages/s",
        "node_cpu_ms": "node's CPU ms each",
        "database_cpu_ms": "PostgreSQL's CPU ms each",
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "per_second": "done/s",
        "per_cpu_second": "done in a second of CPU",
        "seconds": "seconds",
        "cpu_seconds": "CPU seconds",
        "peak_mib": "peak MiB",
        "up_mib_per_second": "MiB/s up",
        "down_mib_per_second": "MiB/s down",
        "up_cpu_ms_per_mib": "CPU ms per MiB up",
        "down_cpu_ms_per_mib": "CPU ms per MiB down",
        "up_peak_mib": "peak MiB up",
        "down_peak_mib": "peak MiB down",
        "load_cpu_share": "load's core in use",
    },
    "scale": {
        "deliveries_per_second": "deliveries/s",
        "acks_per_second": "joins/s",
        "cpu_seconds_per_million": "server CPU s per million",
        "p50_ms": "p50 ms",
        "ack_p50_ms": "join p50 ms",
        "ack_p99_ms": "join p99 ms",
    },
    "soak": {
        "minutes": "minutes",
        "broadcasts_per_second": "broadcasts/s to 500",
        "p99_ms": "p99 ms",
        "slope_mib_per_minute": "MiB a minute",
        "most_descriptors": "most descriptors",
        "most_tasks": "most tasks",
    },
}
DIVIDED = {"sealed"}
"""Results whose rows have little in common."""
GOALS = (
    ("fan-out to 100, bursts", "fanout", "to 100, w32", "deliveries_per_second", (15, 40, 0.7)),
    ("fan-out to 1,000, bursts", "fanout", "to 1,000, w16", "deliveries_per_second", (15, 40, 0.7)),
    ("fan-out to 100, one at a time", "fanout", "to 100, w1", "deliveries_per_second", (1.2, 4, 0.85)),
    ("fan-out to 1,000, one at a time", "fanout", "to 1,000, w1", "deliveries_per_second", (1.2, 4, 0.85)),
    ("emit with ack, 100 under way", "acks", "in memory, 100 under way", "acks_per_second", (1.3, 4.5, None)),
    ("two nodes, bursts", "cluster", "to 100 on two nodes, w32", "deliveries_per_second", (8, 40, None)),
    ("memory of 5,000 idle", "memory", "5,000 idle", "bytes_per_connection", (0.7, 0.5, None)),
)
"""Name, results, case, key, and the ratios aimed at: to Node socket.io, to stock, to the floor."""


def draw() -> None:
    """Write the charts and the tables of all results there are."""
    found = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    IMAGES.mkdir(parents=True, exist_ok=True)
    # Drawn where matplotlib is installed: with the peers, not with the program.
    subprocess.run([build.python(), build.BENCH / "draw.py", IMAGES], check=True, input=_drawn(found))
    text = PAGE.read_text()
    for name, result in found.items():
        text = _between(text, name, _tables(name, result["rows"]) + _notes(result))
    text = _between(text, "ratios", _ratios(found))
    text = _between(text, "machine", _machine(found))
    PAGE.write_text(text)


def _drawn(found: dict[str, Any]) -> bytes:
    key = {
        "acks": "acks_per_second",
        "dispatch": "runs_per_second",
        "files": "mib_per_second",
        "memory": "bytes_per_connection",
        "latency": "p99_ms",
        "sealed": "messages_per_second",
    }
    charts = []
    for name, result in found.items():
        chosen = key.get(name, "deliveries_per_second")
        rows = [
            {"case": row["case"], "peer": row["peer"], **row["values"][chosen]}
            for row in result["rows"]
            if chosen in row["values"] and row["case"] != "capacity"
        ]
        if name != "soak":
            charts.append({"name": name, "label": COLUMNS[name][chosen], "rows": rows})
    return json.dumps(charts).encode()


def _between(text: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if begin not in text or end not in text:
        raise build.MissingError(f"{PAGE} has no place for a table: write {begin} and {end} there")
    head, rest = text.split(begin, 1)
    return f"{head}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}"


def _tables(name: str, rows: list[Row]) -> str:
    """One table, or where rows of different kinds stand in one result, one for each kind."""
    if name not in DIVIDED:
        return _table(rows, COLUMNS[name])
    kinds = groupby(rows, key=lambda row: frozenset(row["values"]))
    return "\n\n".join(_table(list(alike), COLUMNS[name]) for _, alike in kinds)


def _table(rows: list[Row], columns: dict[str, str]) -> str:
    shown = {key: title for key, title in columns.items() if any(key in row["values"] for row in rows)}
    lines = [_line(["case", "server", *shown.values()]), _line(["---", "---", *["---:"] * len(shown)])]
    lines += [
        _line([row["case"], row["peer"], *(_cell(row["values"].get(key)) for key in shown)]) for row in rows
    ]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: dict[str, float] | None) -> str:
    if value is None:
        return "–"
    median, least, most = (_number(value[key]) for key in ("median", "min", "max"))
    return median if least == most else f"{median} ({least}–{most})"


def _number(value: float) -> str:
    if value >= 1_000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _notes(result: dict[str, Any]) -> str:
    return "".join(f"\n\nNot measured, or not soundly: {note}." for note in result["notes"])


def _ratios(found: dict[str, Any]) -> str:
    at_node = ("Node socket.io (ws)", "Node socket.io, Redis adapter")
    stock = ("python-socketio + aiohttp + uvloop", "python-socketio, Redis manager")
    lines = [
        _line(["", "to Node", "to stock Python", "to the floor in C", "to the floor in Python"]),
        _line(["---", *["---:"] * 4]),
    ]
    for title, name, case, key, goals in GOALS:
        values = {
            row["peer"]: {each: value["median"] for each, value in row["values"].items()}
            for row in found.get(name, {"rows": []})["rows"]
            if row["case"] == case and key in row["values"]
        }
        kind = "one send per frame" if "w1" in case.split(", ") else "frames joined per tick"
        wanted = zip((at_node, stock, (f"floor in C, {kind}",)), goals, strict=True)
        cells = [_ratio(values, names, goal, key) for names, goal in wanted]
        kind = kind.replace("send", "write")
        cells.append(_ratio(values, (f"floor in Python, {kind}",), goals[2], key))
        lines.append(_line([title, *cells]))
    return "\n".join(lines)


def _ratio(values: dict[str, dict[str, float]], names: Iterable[str], goal: float | None, key: str) -> str:
    """YMERA's median against that of the first of these servers that was measured."""
    other = next((values[name] for name in names if name in values), None)
    if goal is None or other is None or "YMERA" not in values:
        return "–"
    ratio = values["YMERA"][key] / other[key]
    if key == "bytes_per_connection":
        return f"{ratio:.2g}× (aim ≤ {goal}) {'✓' if ratio <= goal else '✗'}"
    processor = other["cpu_seconds_per_million"] / values["YMERA"]["cpu_seconds_per_million"]
    return f"{ratio:.3g}× (aim ≥ {goal}) {'✓' if ratio >= goal else '✗'}, by processor time {processor:.3g}×"


def _machine(found: dict[str, Any]) -> str:
    lines = []
    for name, result in found.items():
        about, plan = result["machine"], result["plan"]
        lines.append(
            f"- `{name}`: {about['date']}, commit {about['commit']}, {plan['rounds']} rounds of "
            f"{plan['seconds']:g} s; {about['processor']}, {about['cores']} cores, "
            f"{about['memory_gib']} GiB, Linux {about['kernel']}, Python {about['python']}, "
            f"Node {about['node']}; before it {about['others_before']}."
        )
    return re.sub(r"\(R\)", "", "\n".join(lines))
