"""Reports how a project stands: as an artifact, and in a line in the project's room.

    YMERA_URL=… YMERA_TOKEN=… python reporter.py

Have a schedule run it, say at nine on weekdays: trigger.create with kind `schedule`, capability
`report_project` and cron `0 9 * * 1-5`.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from ymera_client import Agent, MessageSend, Run, Task, TaskList, TaskStatus

ENDED = {TaskStatus.DONE, TaskStatus.CANCELED}

agent = Agent(version="1.0")


class Report(Struct):
    """How many tasks there are of which kind."""

    tasks: int
    by_status: dict[str, int]
    overdue: int
    blocked: int
    completed_lately: int


@agent.capability("report_project", cost="low")
async def report_project(run: Run, *, days: Annotated[int, Meta(ge=1, le=366)] = 7) -> Report:
    """Report how the project's tasks stand, and what was completed in the last days."""
    tasks = [task async for task in run.page(TaskList(project_id=run.project_id, limit=200))]
    now = datetime.now(UTC)
    done = [task for task in tasks if task.completed_at and task.completed_at > now - timedelta(days=days)]
    overdue = [task for task in tasks if task.due and task.due < now.date() and task.status not in ENDED]
    blocked = [task for task in tasks if task.blocked and task.status not in ENDED]
    report = Report(
        tasks=len(tasks),
        by_status=dict(Counter(task.status.value for task in tasks)),
        overdue=len(overdue),
        blocked=len(blocked),
        completed_lately=len(done),
    )
    sections = {
        "Overdue": [f"{title(task)}, due {task.due}" for task in overdue],
        "Blocked": [title(task) for task in blocked],
        f"Completed in the last {days} days": [title(task) for task in done],
    }
    await run.attach("report.md", markdown(now.date(), report, sections), "text/markdown")
    run.summary = (
        f"{report.tasks} tasks: {report.overdue} overdue, {report.blocked} blocked, "
        f"{report.completed_lately} completed in the last {days} days"
    )
    await run.request(MessageSend(room=run.project_id, text=run.summary + "."))
    return report


def title(task: Task) -> str:
    return f"{task.title} ({task.priority})"


def markdown(day: date, report: Report, sections: dict[str, list[str]]) -> str:
    lines = [f"# {day}", "", *(f"- {count} {status}" for status, count in sorted(report.by_status.items()))]
    for heading, items in sections.items():
        lines += ["", f"## {heading}", "", *(f"- {item}" for item in items or ["nothing"])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    agent.run()
