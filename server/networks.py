"""Project networks of scheduling research, in the formats of PSPLIB (`.sm`) and of Patterson (`.rcp`).

A job becomes a task that waits for its predecessors; its duration becomes its estimate, in hours. The
dummy source and sink, which only mark where the network begins and ends, are left out: what they say
follows from the other dependencies. Formats: Kolisch and Sprecher, PSPLIB, EJOR 96 (1996) 205-216;
Patterson, Management Science 30 (1984) 854-867.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from protocol.tasks import ImportedTask
from server.sources import Row, Source, SourceError, read_text


@dataclass(frozen=True, slots=True)
class Job:
    """A job: how long it takes, what it takes of each resource, and the jobs that wait for it."""

    number: int
    duration: int
    demands: list[int]
    successors: list[int]
    line: int


def read_psplib(path: Path) -> Source:
    """A network in PSPLIB's format with one mode a job."""
    lines = read_text(path).splitlines()
    precedence = _table(path, lines, "PRECEDENCE RELATIONS:")
    requests = _table(path, lines, "REQUESTS/DURATIONS:")
    capacities = [numbers for _, numbers in _table(path, lines, "RESOURCEAVAILABILITIES:")]
    if not capacities or len(precedence) != len(requests):
        raise SourceError([f"{path}: the tables of precedence, requests and resources do not fit together."])
    jobs = []
    for (line, relations), (_, request) in zip(precedence, requests, strict=True):
        if len(relations) < 3 or relations[0] != request[0] or len(relations) != 3 + relations[2]:
            raise SourceError(
                [f"{path}:{line}: must hold a job, its modes and as many successors as it says."]
            )
        if relations[1] != 1 or len(request) != 3 + len(capacities[0]):
            raise SourceError([f"{path}:{line}: only networks with one mode a job can be imported."])
        jobs.append(Job(relations[0], request[2], request[3:], relations[3:], line))
    return _source(path, jobs, capacities[0])


def read_patterson(path: Path) -> Source:
    """A network in Patterson's format: numbers, whatever the lines are."""
    numbered = [
        (number, line)
        for line, text in enumerate(read_text(path).splitlines(), 1)
        for number in _numbers(path, line, text)
    ]
    numbers = [number for number, _ in numbered]
    try:
        count, resources = numbers[:2]
        capacities, at = numbers[2 : 2 + resources], 2 + resources
        jobs = []
        for number in range(1, count + 1):
            waiting = numbers[at + 1 + resources]
            end = at + 2 + resources + waiting
            demands, successors = numbers[at + 1 : at + 1 + resources], numbers[at + 2 + resources : end]
            jobs.append(Job(number, numbers[at], demands, successors, numbered[at][1]))
            at = end
    except (IndexError, ValueError):
        raise SourceError([f"{path}: ends before all of its jobs; it may have been cut off."]) from None
    if at != len(numbers):
        raise SourceError([f"{path}: goes on after its {count} jobs."])
    return _source(path, jobs, capacities)


def _table(path: Path, lines: Sequence[str], title: str) -> list[tuple[int, list[int]]]:
    """The rows of numbers under a title, with their line numbers."""
    try:
        start = next(at for at, line in enumerate(lines) if line.strip() == title)
    except StopIteration:
        raise SourceError([f"{path}: has no section «{title}»; is it a PSPLIB file?"]) from None
    rows = []
    for at, line in enumerate(lines[start + 1 :], start + 2):
        if line.startswith("*"):
            break
        if re.match(r"\s*\d", line):
            rows.append((at, _numbers(path, at, line)))
    return rows


def _numbers(path: Path, line: int, text: str) -> list[int]:
    words = text.split()
    for word in words:
        if not re.fullmatch(r"\d{1,9}", word):
            raise SourceError([f"{path}:{line}: «{word[:40]}» is no whole number."])
    return [int(word) for word in words]


def _source(path: Path, jobs: Sequence[Job], capacities: Sequence[int]) -> Source:
    numbers = {job.number for job in jobs}
    for job in jobs:
        if unknown := [number for number in job.successors if number not in numbers]:
            raise SourceError(
                [f"{path}:{job.line}: job {job.number} names job {unknown[0]}, which is not there."]
            )
    kept = [job for job in jobs if not _is_dummy(job, jobs)]
    predecessors: dict[int, list[str]] = {job.number: [] for job in jobs}
    for job in kept:
        for number in job.successors:
            predecessors[number].append(_name(path, job.number))
    offers = ", ".join(f"{amount} of R{at}" for at, amount in enumerate(capacities, 1))
    return Source(
        path,
        [_row(path, job, predecessors[job.number], capacities) for job in kept],
        project=path.stem[:100],
        description=f"A network of {len(kept)} jobs. There are {offers}.",
    )


def _is_dummy(job: Job, jobs: Sequence[Job]) -> bool:
    at_an_end = job is jobs[0] or job is jobs[-1]
    return at_an_end and not job.duration and not any(job.demands)


def _row(path: Path, job: Job, depends_on: list[str], capacities: Sequence[int]) -> Row:
    used = [(at, demand) for at, demand in enumerate(job.demands, 1) if demand]
    needs = ", ".join(f"{demand} of {capacities[at - 1]} R{at}" for at, demand in used)
    task = ImportedTask(
        external_id=_name(path, job.number),
        title=f"Job {job.number}",
        description=f"Takes {needs or 'no resources'} for {job.duration} h.",
        labels=[f"R{at}" for at, _ in used],
        estimate=float(job.duration),
        depends_on=depends_on,
    )
    return Row(task, None, f"{path}:{job.line}")


def _name(path: Path, number: int) -> str:
    """The external id of a job, told apart from those of other networks."""
    return f"{path.stem}/{number}"
