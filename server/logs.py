"""Log lines: structured, with the correlation id of their request or command, without secrets."""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

from server.settings import Settings

SECRET_KEYS = frozenset(
    {"password", "token", "secret", "refresh_token", "access_token", "authorization", "cookie", "invite"}
)


COMMAND: ContextVar[Mapping[str, str]] = ContextVar("command", default={})  # noqa: B039 -- never changed
"""What a task's lines are about, beside what is bound: one variable, since it is set for each command."""


def merge_command(_: Any, __: str, event: EventDict) -> EventDict:
    """Say which command a line is about."""
    return {**COMMAND.get(), **event}


def mask_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """The last line of defence: a value under a secret's name is never written."""
    for key in event.keys() & SECRET_KEYS:
        event[key] = "********"
    return event


def configure(settings: Settings) -> None:
    """Send the program's and the libraries' log lines to standard error in the form asked for."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        merge_command,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    # Tracebacks without local variables: those hold what people wrote, and secrets.
    renderer: list[Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if console
        else [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in ("asyncio", "aiohttp.access", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
