"""`ymera account`: accounts made and mended from the machine itself, for who has lost the way in.

The server may run meanwhile; its nodes find the events in the log.
"""

import argparse
import asyncio
import getpass
import sys

import asyncpg

from handlers import accounts
from persistence import members, migrations, workspace
from persistence.database import Pool, clock, connect_pool, domain_error
from protocol.accounts import Register
from protocol.errors import ApiError, ErrorCode, invalid
from protocol.roles import WorkspaceRole
from protocol.wire import convert
from server import embedded
from server.passwords import Passwords
from server.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `ymera account` understands."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    create = actions.add_parser(
        "create",
        help="make an account",
        description="Make an account. Asks for its password, or reads it from the first line of the input.",
    )
    create.add_argument("email", metavar="EMAIL")
    create.add_argument("--name", help="what others see; else the address before the @")
    create.add_argument(
        "--role",
        choices=[str(role) for role in WorkspaceRole],
        help="in the workspace; else owner for the first account and member for others",
    )
    create.set_defaults(act=_create)
    password = actions.add_parser(
        "password",
        help="give an account another password",
        description="Give an account another password, asked for or read from the input, and end its "
        "sign-ins.",
    )
    password.add_argument("email", metavar="EMAIL")
    password.set_defaults(act=_set_password)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what was asked; 0 if it is done, else 1 and why on stderr."""
    try:
        password = _ask_password()
        with embedded.database(settings) as dsn:
            print(asyncio.run(_act(options, dsn, password)))  # noqa: T201 -- the program's answer
    except ApiError as error:
        print(f"ymera: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise invalid("The two passwords differ; start again.", "password")
    return password


async def _act(options: argparse.Namespace, dsn: str, password: str) -> str:
    await migrations.upgrade(dsn)
    pool = await connect_pool(dsn, size=1)
    hashing = Passwords()
    name = getattr(options, "name", None) or options.email.partition("@")[0]
    try:
        account = convert({"email": options.email, "password": password, "name": name}, Register)
        done: str = await options.act(pool, account, await hashing.hash(password), options)
        return done
    except asyncpg.UniqueViolationError as error:
        raise domain_error(error) or error from None
    finally:
        hashing.close()
        await pool.close()


async def _create(pool: Pool, account: Register, password_hash: str, options: argparse.Namespace) -> str:
    async with pool.acquire() as tx, tx.transaction():
        now = await clock(tx)
        here = await workspace.ensure(tx, workspace.DEFAULT_NAME, now)
        first = await members.count(tx) == 0
        role = options.role or (WorkspaceRole.OWNER if first else WorkspaceRole.MEMBER)
        member, _ = await accounts.admit(
            tx,
            here.id,
            name=account.name,
            role=WorkspaceRole(role),
            now=now,
            email=account.email,
            password_hash=password_hash,
        )
    return f"{member.name} <{account.email}> can sign in, as {member.role}"


async def _set_password(pool: Pool, account: Register, password_hash: str, _: argparse.Namespace) -> str:
    async with pool.acquire() as tx, tx.transaction():
        found = await members.account(tx, account.email)
        if found is None:
            raise ApiError(ErrorCode.NOT_FOUND, f"There is no account with the address {account.email}.")
        await members.set_password(tx, found.member_id, password_hash)
        ended = await accounts.end_all_sessions(tx, found.member_id, await clock(tx))
    return f"{account.email} has another password; sign-ins ended: {len(ended)}"
