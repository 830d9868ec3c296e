"""How functions become tools: described to models, typed, and refusing in the server's own words."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations
from pydantic import Field

from ymera_client.errors import YmeraError

P = ParamSpec("P")
T = TypeVar("T")

HINTS = ("allowed", "limit", "retry_after", "cycle", "budget")
"""What of an error's data helps to mend it."""

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
SETS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
ENDS = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)

Id = Annotated[str, Field(min_length=36, max_length=36, description="A UUID.")]
RunId = Annotated[
    Id | None, Field(description="The run, as claim_task gave it; may be left out while you hold just one.")
]
Cursor = Annotated[str | None, Field(max_length=600, description="`next` of the part before.")]


def tool(function: Callable[P, Awaitable[T]], annotations: ToolAnnotations) -> Tool:
    """A coroutine function as a tool; its docstring tells models what it is for."""

    @functools.wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await function(*args, **kwargs)
        except YmeraError as error:
            raise ToolError(refusal(error)) from error

    name = str(getattr(function, "__name__", ""))
    return Tool.from_function(
        call,
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=inspect.getdoc(function),
        annotations=annotations,
    )


def refusal(error: YmeraError) -> str:
    """An error as a model reads it: its code, what is wrong and how to mend it."""
    hints: dict[str, Any] = {hint: error.data[hint] for hint in HINTS if error.data.get(hint) is not None}
    told = "".join(f" ({hint}: {value})" for hint, value in hints.items())
    return f"{error.code}: {error.message}{told}"
