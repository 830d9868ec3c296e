"""The subcommands `ymera-client upload` and `ymera-client download`, as the command line describes them."""

import argparse
from typing import TYPE_CHECKING

from ymera_client.generated import NameConflict
from ymera_client.transfer import program

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name


def add_upload(subparsers: "Subparsers") -> None:
    """`ymera-client upload PATH… --room ID`: files and folders into a room."""
    parser = subparsers.add_parser(
        "upload",
        help="put files and folders into a room: YMERA_URL and YMERA_TOKEN say where and as whom",
        description="Put files and folders into a room, and print the id and path of each file. If it is "
        "broken off, the same command goes on where it was.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, or - for standard input")
    parser.add_argument("--room", required=True, metavar="ID", help="of the project, channel or conversation")
    parser.add_argument("--folder", default="", help="where to put them; by default at the top")
    parser.add_argument("--name", help="what a single file is to be called; standard input needs it")
    parser.add_argument(
        "--conflict",
        choices=[each.value for each in NameConflict],
        default=NameConflict.VERSION.value,
        help="what becomes of a file whose name is taken (%(default)s)",
    )
    parser.add_argument(
        "--parallel", type=int, default=1, metavar="N", help="parts of a large file at once (%(default)s)"
    )
    parser.set_defaults(carry_out=program.upload)


def add_download(subparsers: "Subparsers") -> None:
    """`ymera-client download FILE_ID [-o PATH]`: a file from a room."""
    parser = subparsers.add_parser(
        "download",
        help="bring a file here: YMERA_URL and YMERA_TOKEN say where from and as whom",
        description="Bring a file here, whole and checked or not at all, and print its path. If it is broken "
        "off, the same command goes on where it was.",
    )
    parser.add_argument("file_id", metavar="FILE_ID")
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="where to; by default its own name, in the present folder"
    )
    parser.add_argument("--number", type=int, metavar="N", help="of the version; by default the newest")
    parser.set_defaults(carry_out=program.download)
