"""An agent that notes each time it begins: `agent.py NOTES`, with YMERA_URL and YMERA_TOKEN."""

import asyncio
import sys
from pathlib import Path

from ymera_client import Agent, Run

NOTES = Path(sys.argv[1])
CAPACITY = 8

agent = Agent()


@agent.capability("work", concurrency=CAPACITY, attempts=20)
async def work(run: Run, *, number: int, seconds: float) -> int:
    """Take a while, and give the number back."""
    with NOTES.open("a", encoding="utf-8") as notes:
        notes.write(f"{run.id} {run.attempt}\n")
    await asyncio.sleep(seconds)
    return number


if __name__ == "__main__":
    agent.run(grace=1.0)
