"""Two agents: one gathers what a project knows about a topic, the other writes a briefing from it.

    YMERA_URL=… YMERA_TOKEN=… python pipeline.py researcher
    YMERA_URL=… YMERA_TOKEN=… python pipeline.py writer

Each has its own token. The researcher ends its run by handing the task over, with what it found.
"""

import sys

import msgspec
from msgspec import Struct

from ymera_client import Agent, Fatal, Run, Task, TaskList

researcher = Agent(version="1.0")
writer = Agent(version="1.0")


class Finding(Struct):
    """A task that is about the topic."""

    title: str
    status: str
    excerpt: str


class Briefing(Struct):
    """What was written."""

    words: int
    open_tasks: int


@researcher.capability("research", concurrency=4)
async def research(run: Run, *, title: str) -> None:
    """Gather what the project's tasks say about a topic, and have a briefing written."""
    topic = {word for word in title.lower().split() if len(word) > 3}
    found = [
        Finding(task.title, task.status, task.description[:300])
        async for task in run.page(TaskList(project_id=run.project_id, limit=200))
        if task.id != run.info.task_id and topic & words(task)
    ]
    if not found:
        raise Fatal(f"No task of the project is about {', '.join(sorted(topic))}.")
    await run.output(f"{len(found)} tasks are about it.\n")
    note = f"{len(found)} tasks of the project are about «{title}»."
    await run.hand_off("write_briefing", note=note, result=found, title=title)


def words(task: Task) -> set[str]:
    return set(f"{task.title} {task.description}".lower().replace(".", " ").replace(",", " ").split())


@writer.capability("write_briefing", concurrency=4)
async def write_briefing(run: Run, *, title: str) -> Briefing:
    """Write a briefing from what a researcher has handed over."""
    if run.handed is None:
        raise Fatal("There is nothing to write from; start with `research`.", cause="invalid")
    found = msgspec.convert(run.handed.result, list[Finding])
    lines = [f"# {title}", "", run.handed.note, ""]
    for finding in sorted(found, key=lambda each: (each.status == "done", each.title)):
        lines += [f"- **{finding.title}** ({finding.status.replace('_', ' ')})"]
        lines += [f"  {finding.excerpt}"] if finding.excerpt else []
        await run.output(lines[-1] + "\n")
    text = "\n".join(lines) + "\n"
    await run.attach("briefing.md", text, "text/markdown")
    still_open = sum(finding.status not in {"done", "canceled"} for finding in found)
    run.summary = f"A briefing of {len(text.split())} words; {still_open} tasks are open."
    return Briefing(len(text.split()), still_open)


if __name__ == "__main__":
    {"researcher": researcher, "writer": writer}[sys.argv[1]].run()
