"""What a process that reads a stranger's file can do: read that and the program, and write to one folder.

Limits hold everywhere. The rest holds where the kernel is a Linux that can do it: Landlock for files, TCP and
other processes, a system call filter for sockets, others' memory and groups, and no capabilities even for
root. It takes no privileges, cannot be taken back, and holds for other programs that it starts, such as a
linter.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

import protocol
from server.analysis.job import Limits

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_REG, _TRUNCATE = 1 << 5, 1 << 8, 1 << 14
_FILE_RIGHTS = (0, 13, 14, 15, 15, 16)
"""How many rights over files each version of Landlock knows; later ones know as many as the last."""
_TCP, _TCP_VERSION = 0b11, 4
_SCOPES, _SCOPES_VERSION = 0b11, 6
"""Abstract sockets of other processes, and signals to them."""

_FORBIDDEN = {
    # By the architecture's number: socket, connect, ptrace, process_vm_readv and _writev, io_uring_setup; and
    # setpgid and setsid, by which what it starts would leave the group that is killed when its time is over.
    "x86_64": (0xC000003E, (41, 42, 101, 310, 311, 425, 109, 112)),
    "aarch64": (0xC00000B7, (198, 203, 117, 270, 271, 425, 154, 157)),
}
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050001
"""What a filter returns; the last is the error EPERM."""
_FOREIGN_ABI = 0x40000000
"""Numbers from here on are those of x32."""


def confine(limits: Limits, *, read: Path, write: Path) -> None:
    """Give up for good, in this process, what it does not need to read one file and write to one folder."""
    # At the first bound a signal says what it was; whatever ignores that is killed at the second.
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds + 1, spare=1)
    _limit(resource.RLIMIT_FSIZE, limits.output)
    _limit(resource.RLIMIT_NOFILE, limits.files)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, taken + limits.memory)
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _restrict_files(libc, read, write)
        _drop_capabilities(libc)
        _filter_system_calls(libc)


def _limit(kind: int, value: int, *, spare: int = 0) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound - spare, bound))


def _program() -> list[Path]:
    """What the program itself is made of, and reads and runs as it goes on."""
    places = [sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts"]
    return [*map(Path, places), *map(Path, protocol.__path__), Path(__file__).parents[1]]


def _restrict_files(libc: ctypes.CDLL, read: Path, write: Path) -> None:
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)
    if version < 1:
        return
    handled = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS) - 1)]) - 1
    attributes = struct.pack("Q", handled)
    if version >= _TCP_VERSION:
        attributes += struct.pack("Q", _TCP)
    if version >= _SCOPES_VERSION:
        attributes += struct.pack("Q", _SCOPES)
    rules = libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path in _program():
        if path.exists():
            _allow(libc, rules, path, _EXECUTE | _READ_FILE | (_READ_DIR if path.is_dir() else 0))
    _allow(libc, rules, read, _READ_FILE)
    own = _READ_FILE | _READ_DIR | _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
    _allow(libc, rules, write, own & handled)
    if libc.syscall(_LANDLOCK_RESTRICT_SELF, rules, 0):
        raise OSError(ctypes.get_errno(), "Landlock refused its rules")
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, place)
    if libc.syscall(_LANDLOCK_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, 0):
        raise OSError(ctypes.get_errno(), "Landlock refused a rule", str(path))
    os.close(place)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    version_3 = 0x20080522
    libc.capset(struct.pack("Ii", version_3, 0), struct.pack("6I", *[0] * 6))


def _filter_system_calls(libc: ctypes.CDLL) -> None:
    """Refuse what leads out of the process: sockets, the memory of other processes, other groups."""
    if platform.machine() not in _FORBIDDEN:
        return
    architecture, numbers = _FORBIDDEN[platform.machine()]
    # Each step: what, how many steps to skip if so and if not, with what. The call's number is at 0 of what a
    # filter sees, the architecture at 4.
    last = len(numbers) + 1
    steps = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_JUMP_GREATER_EQUAL, last, 0, _FOREIGN_ABI),
        *((_JUMP_EQUAL, last - 1 - n, 0, number) for n, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HP", len(steps), ctypes.addressof(code))
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)
