"""The subcommand `ymera-client keys`, as the command line describes it."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ymera_client.sealed import program

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name


NAMING = {("keys", "link"), ("keys", "revoke")}
"""What is followed by a code or the id of a device: base64url, of which one in 64 begins with a dash."""


def told_apart(arguments: Sequence[str]) -> list[str]:
    """The arguments, with a code or an id that begins with a dash marked as no option."""
    *before, last = arguments or [""]
    names = tuple(before) in NAMING and last not in {"-h", "--help", "--"}
    return [*before, "--", last] if names else list(arguments)


def add_keys(subparsers: "Subparsers") -> None:
    """`ymera-client keys …`: this device's part in encrypted rooms."""
    parser = subparsers.add_parser(
        "keys",
        help="this device's keys for encrypted rooms: YMERA_KEYS says in which file they are",
        description="This device's keys for encrypted rooms. YMERA_URL and YMERA_TOKEN say where and as "
        "whom, YMERA_KEYS in which file the keys are, and YMERA_KEYS_FILE in which file the key of that "
        "file is; without it the system's keyring has it.",
    )
    parts = parser.add_subparsers(required=True, metavar="what")
    _add(parts, "begin", program.begin, "make an identity, and print its recovery code")
    _add(parts, "status", program.show_status, "print how this device stands")
    _add(parts, "devices", program.devices, "print the devices of your identity")
    recover = _add(parts, "recover", program.recover, "bring this device in by the recovery code")
    recover.add_argument("--code", metavar="FILE", default="-", help="where the code is (standard input)")
    revoke = _add(parts, "revoke", program.revoke, "put a device out for good")
    revoke.add_argument("device", metavar="DEVICE_ID")
    link = _add(parts, "link", program.link, "bring this device in by another one, or let another one in")
    link.add_argument("code", nargs="?", metavar="CODE", help="that a new device shows; none on a new device")
    endorse = _add(parts, "endorse", program.endorse, "say that an agent is yours")
    endorse.add_argument("agent", metavar="AGENT_ID")


def _add(parts: "Subparsers", name: str, carry_out: program.Part, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(name, help=help_text)
    parser.set_defaults(carry_out=lambda chosen: program.run(name, carry_out, chosen))
    return parser
