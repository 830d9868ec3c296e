"""Functions that want to be told. One that fails is logged, and keeps nobody else from being told."""

import logging
from collections.abc import Callable
from typing import Any, TypeAlias

log = logging.getLogger(__name__)

Stop: TypeAlias = Callable[[], None]
"""Ends a subscription; calling it again does nothing."""


class Listeners:
    """Those who want to be told of one thing, in the order in which they said so."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., None]] = []

    def add(self, listener: Callable[..., None]) -> Stop:
        """Tell `listener` from now on, until what is returned is called."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def tell(self, *news: Any) -> None:
        """Call all of them."""
        for listener in list(self._listeners):
            try:
                listener(*news)
            except Exception:
                log.exception("A listener failed: %r", listener)
