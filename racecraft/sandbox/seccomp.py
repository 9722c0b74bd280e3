"""The system calls that a locked process may make, as a filter program for the Linux kernel.

Everything that is not listed fails with "operation not permitted", so that the user's code gets
an ordinary exception. Numbers are from the kernel's tables; `read` and `write` work on the two
pipes only, and memory can never be made executable.
"""

from __future__ import annotations

import ctypes
import platform
import struct

_X86_64 = {
    "read": 0, "write": 1, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
    "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35,
    "getpid": 39, "exit": 60, "gettimeofday": 96, "gettid": 186, "time": 201, "futex": 202,
    "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228,
    "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "getcpu": 309,
    "getrandom": 318,
}  # fmt: skip
_AARCH64 = {
    "read": 63, "write": 64, "exit": 93, "exit_group": 94, "futex": 98, "nanosleep": 101,
    "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123,
    "sched_yield": 124, "restart_syscall": 128, "rt_sigreturn": 139, "getcpu": 168,
    "gettimeofday": 169, "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216,
    "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
}  # fmt: skip
# machine: (audit architecture, calls, number of the call `seccomp`, first foreign number)
_MACHINES = {
    "x86_64": (0xC000003E, _X86_64, 317, 0x40000000),
    "aarch64": (0xC00000B7, _AARCH64, 277, 0xFFFFFFFF),
}
_ONLY_FIRST_ARGUMENT = {"read": 0, "write": 1}
"""File descriptors: the pipe in, the pipe out."""
_NEVER_EXECUTABLE = ("mmap", "mprotect")
_PROT_EXEC = 4

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050001, 0x7FFF0000
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_SET_MODE_FILTER, _ALL_THREADS = 1, 1


def is_known_machine() -> bool:
    """Whether there is a table for this processor."""
    return platform.machine() in _MACHINES


def install(libc: ctypes.CDLL) -> bool:
    """Hand the filter to the kernel, for good; False where the kernel does not take it."""
    if not is_known_machine():
        return False
    program = filter_program(platform.machine())
    call = _MACHINES[platform.machine()][2]
    lines = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(lines))
    arguments = ctypes.create_string_buffer(head, len(head))
    return bool(libc.syscall(call, _SET_MODE_FILTER, _ALL_THREADS, arguments) == 0)


def filter_program(machine: str) -> bytes:
    """Instructions of eight bytes each for a processor named as in `platform.machine`."""
    architecture, calls, _, first_foreign = _MACHINES[machine]
    program = [
        _line(_LOAD, _MACHINE_AT),
        _line(_EQUAL, architecture, yes=1),
        _line(_RETURN, _KILL),
        _line(_LOAD, _NUMBER_AT),
        _line(_AT_LEAST, first_foreign, no=1),
        _line(_RETURN, _REFUSE),
    ]
    for name, number in calls.items():
        verdict = _verdict(name)
        program += [_line(_EQUAL, number, no=len(verdict)), *verdict]
    return b"".join([*program, _line(_RETURN, _REFUSE)])


def _verdict(name: str) -> list[bytes]:
    """What follows once a call is known to be the named one."""
    if name in _ONLY_FIRST_ARGUMENT:
        return [
            _line(_LOAD, _ARGUMENTS_AT),
            _line(_EQUAL, _ONLY_FIRST_ARGUMENT[name], yes=1),
            _line(_RETURN, _REFUSE),
            _line(_RETURN, _ALLOW),
        ]
    if name in _NEVER_EXECUTABLE:
        return [
            _line(_LOAD, _ARGUMENTS_AT + 2 * 8),
            _line(_ANY_BIT, _PROT_EXEC, no=1),
            _line(_RETURN, _REFUSE),
            _line(_RETURN, _ALLOW),
        ]
    return [_line(_RETURN, _ALLOW)]


def _line(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no` are how many lines a comparison skips."""
    return struct.pack("<HBBI", code, yes, no, value)
