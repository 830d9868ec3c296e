"""What an agent can do: a function, what it takes and gives, and how it is to be used."""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ymera_client.agent.run import Run
from ymera_client.agent.signature import Signature
from ymera_client.generated import Capability


class Handler:
    """The function that carries out a capability.

    A coroutine function runs in the event loop. Any other function runs in a thread of its own, where it
    may block; the threads are daemons, so that one that never returns does not keep the program alive.
    """

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        self.signature = Signature(function)
        self.capability = Capability(
            name=options.pop("name") or function.__name__,
            description=self.signature.description,
            input=self.signature.input,
            output=self.signature.output,
            **options,
        )
        self._function = function
        self.blocking = not inspect.iscoroutinefunction(function)

    def start(self, run: Run, arguments: dict[str, Any]) -> asyncio.Future[Any]:
        """Begin; the future is done when the function has ended. Cancelling it does not end a thread."""
        loop = asyncio.get_running_loop()
        if not self.blocking:
            task: asyncio.Task[Any] = loop.create_task(self._function(run, **arguments), name=f"{run}")
            return task
        done: asyncio.Future[Any] = loop.create_future()

        def settle(result: Any, failure: BaseException | None) -> None:
            if done.done():
                return
            if failure is None:
                done.set_result(result)
            else:
                done.set_exception(failure)

        def work() -> None:
            result: Any = None
            failure: BaseException | None = None
            try:
                result = self._function(run, **arguments)
            except StopIteration as error:
                failure = RuntimeError(f"The handler raised {error!r}")  # which no future can hold
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever awaits the future
                failure = error
            # The loop has ended if the program ends before its handlers.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result, failure)

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(work,), name=f"{run}", daemon=True).start()
        return done
