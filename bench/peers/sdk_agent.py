"""An agent written with the Python SDK that has nothing to do, so many times at once."""

import logging
import sys

from ymera_client import Agent, Run

# The program's own word counts, not the SDK's.
logging.basicConfig(level=logging.WARNING)
agent = Agent()


@agent.capability("nothing", concurrency=int(sys.argv[1]))
async def nothing(_: Run) -> None:
    """Do nothing."""


agent.run()
