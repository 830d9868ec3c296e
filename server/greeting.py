"""What `ymera serve` prints for people, once it serves."""

from dataclasses import replace
from importlib.metadata import version

from server.settings import Settings


def greet(settings: Settings, set_up_secret: str | None) -> None:
    """Print the address on this machine and, while there is no account, the link that makes the first one."""
    here = replace(settings, public_url=None).base_url
    print(f"YMERA {version('ymera')} serves {here}", flush=True)  # noqa: T201 -- for people
    if set_up_secret is not None:
        link = f"{settings.base_url}/setup#{set_up_secret}"
        print(f"Make the first account, once: {link}", flush=True)  # noqa: T201 -- for people
