"""Each lock by itself, in a process that takes only this one."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from racecraft.sandbox import seccomp
from racecraft.service.isolation import isolation

ROOT = Path(__file__).parents[2]
LINUX_ONLY = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these are Linux's")
HEAD = """
import ctypes, errno, os, socket, sys
from racecraft.sandbox import lockdown, seccomp
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)

def number(work):
    try:
        work()
    except OSError as error:
        return error.errno
    return 0
"""


def said(code: str) -> str:
    command = [sys.executable, "-c", HEAD + code]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@LINUX_ONLY
def test_landlock_alone_closes_the_file_system() -> None:
    code = """
version = lockdown._landlock(libc)
found = [number(lambda: open(path)) for path in ("/etc/passwd", "/proc/self/environ", "/tmp")]
found.append(number(lambda: os.mkdir("/tmp/landlocked")))
print(version, *found)
"""
    version, *errors = said(code).split()
    if version == "0":
        pytest.skip("this kernel has no landlock")
    assert errors == ["13"] * 4  # EACCES: seccomp would have said EPERM


@LINUX_ONLY
@pytest.mark.skipif(not seccomp.is_known_machine(), reason="no table for this processor")
def test_seccomp_alone_refuses_everything_but_computing() -> None:
    code = """
kept = os.open(os.devnull, os.O_WRONLY)
is_filtered = seccomp.install(libc)
found = [
    number(lambda: open("/etc/passwd")),
    number(lambda: os.fork()),
    number(lambda: socket.socket()),
    number(lambda: os.kill(os.getpid(), 0)),
    number(lambda: os.write(kept, b"x")),
    number(lambda: os.write(1, b"")),
]
os.write(1, f"{is_filtered} {found}\\n".encode())
os._exit(0)
"""
    assert said(code) == "True [1, 1, 1, 1, 1, 0]"


@LINUX_ONLY
def test_limits_alone_stop_memory_files_and_processes(tmp_path: Path) -> None:
    code = f"""
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
lockdown._limit(64)
file = open({str(tmp_path / "file")!r}, "wb", buffering=0)
found = [number(lambda: file.write(b"x"))]
try:
    bytearray(100 * 1024 * 1024)
except MemoryError:
    found.append("memory")
lockdown._allow_no_more_files()
found.append(number(lambda: open("/dev/null")))
print(found)
"""
    assert said(code) == "[27, 'memory', 24]"


@LINUX_ONLY
def test_a_second_thread_is_told_because_landlock_would_not_hold_it() -> None:
    code = """
import threading, time
threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
lock = lockdown.lock(memory_mb=512, parent=os.getppid())
os.write(1, repr(lock.missing).encode())
os._exit(0)
"""
    assert "a single thread" in said(code)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_a_sound_program_for_each_processor(machine: str) -> None:
    program = seccomp.filter_program(machine)
    lines = [struct.unpack("<HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]

    assert len(lines) < 4096
    assert lines[-1][0] == 0x06  # whoever comes to the end is refused
    assert lines[-1][3] == 0x00050001
    for at, (code, yes, no, _) in enumerate(lines):
        if code & 0x07 == 0x05:
            assert at + 1 + max(yes, no) < len(lines)


def test_this_machine_locks_everything_or_says_what_is_missing() -> None:
    lock = isolation()
    assert lock.taken
    if lock.missing and "CI" not in os.environ:
        pytest.skip(f"this system lacks {', '.join(lock.missing)}")
    assert lock.missing == []
