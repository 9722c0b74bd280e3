"""A locked process and the two pipes to it, seen from the side that does not trust it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from racecraft.domain.errors import InvalidReward
from racecraft.sandbox.frames import BrokenFrame, packed, take
from racecraft.sandbox.inline import InlineChannel
from racecraft.sandbox.limits import MAX_CHARACTERS, OUT_OF_MEMORY, Limits
from racecraft.sandbox.lockdown import Lock
from racecraft.sandbox.printouts import plain

_PIPE_BYTES = 1 << 20
"""Room for batches on their way, so that driving need not wait for rewards."""
_PIECE = 1 << 18
_MAX_SENTENCE = 1_000
_LOOK_S = 300e-6
"""How long a reply is looked for before going to sleep."""
_SET_PIPE_SIZE = 1031
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from racecraft.sandbox.child import main; main()"
)
_ENVIRONMENT = {
    # A set of words is walked through in the same order in every run.
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "LC_ALL": "C.UTF-8",
    # The locked process may start no threads.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""All that the process can read of the environment."""


class Gone(Exception):
    """The process has ended."""


class Silent(Exception):
    """The process has not answered in time."""


PROCESS_FAULTS = (Gone, Silent, BrokenFrame)


class Channel:
    """A process to which messages are sent, and which answers each of them in turn.

    It has locked itself by the time the constructor returns, and has not looked at the user's
    text yet.
    """

    lock: Lock
    """What was taken from the process."""

    def __init__(self, source: str, limits: Limits, *, reads: bool = False) -> None:
        """Start the process.

        Args:
            source: the user's text, searched for the libraries that must be there.
            limits: what the user's code may spend.
            reads: whether it is going to be asked for findings about the text.

        Raises:
            Gone, Silent, BrokenFrame: it did not get ready.
        """
        self._open()
        setup = {
            "source": source,
            "reads": reads,
            "parent": os.getpid(),
            "memory_mb": limits.memory_mb,
            "printed_characters": limits.printed_characters,
            "call_s": limits.call_s,
        }
        try:
            self.lock = _lock(self.ask(setup, limits.load_s))
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        root = str(Path(__file__).parents[2])
        path = [root, *[entry for entry in sys.path if Path(entry).is_absolute()]]
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-S", "-c", _START, json.dumps(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
            close_fds=True,
            # Ctrl-C on the terminal is for the training alone.
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)
        with suppress(OSError):  # larger than a user may, or not Linux
            _fcntl().fcntl(self._in, _SET_PIPE_SIZE, _PIPE_BYTES)
        self._readable, self._either = select.poll(), select.poll()
        self._readable.register(self._out, select.POLLIN)
        self._either.register(self._out, select.POLLIN)
        self._either.register(self._in, select.POLLOUT)
        self._received = bytearray()
        self._replies: deque[dict[str, Any]] = deque()
        self._unanswered = 0

    def ask(self, message: dict[str, Any], patience_s: float) -> dict[str, Any]:
        """Send a message and wait for the reply.

        Raises:
            Gone, Silent, BrokenFrame: as in `send`.
        """
        self.send(packed(message), patience_s)
        return self.receive(patience_s)

    def send(self, frame: bytes, patience_s: float) -> None:
        """Send one message; replies to earlier ones are taken in meanwhile.

        Raises:
            Gone: the process has ended.
            Silent: it neither read nor answered for `patience_s`.
            BrokenFrame: it sent what is no reply.
        """
        self._unanswered += 1
        rest = memoryview(frame)
        deadline = time.monotonic() + patience_s
        while rest:
            try:
                rest = rest[os.write(self._in, rest) :]
            except BlockingIOError:
                if self._wait(deadline, self._either):
                    deadline = time.monotonic() + patience_s
            except BrokenPipeError:
                self._take_last_words(deadline)
                return

    def receive(self, patience_s: float) -> dict[str, Any]:
        """The reply to the oldest unanswered message.

        Raises:
            Gone, Silent, BrokenFrame: as in `send`.
        """
        now = time.monotonic()
        deadline, look_until = now + patience_s, now + _LOOK_S
        # Going to sleep and being woken takes longer than most replies do.
        while not self._replies and time.monotonic() < look_until:
            self._take_in()
        while not self._replies:
            self._wait(deadline, self._readable)
        return self._replies.popleft()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._in = self._out = -1  # the numbers may soon mean other files
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _wait(self, deadline: float, poll: select.poll) -> bool:
        """Wait until something can be read or written; says whether a reply became complete."""
        remaining_ms = (deadline - time.monotonic()) * 1000
        if remaining_ms <= 0:
            raise Silent
        events = dict(poll.poll(remaining_ms))
        return self._take_in() if events.get(self._out) else False

    def _take_last_words(self, deadline: float) -> None:
        """Take in what a process said before it ended, for `receive` to find.

        Raises:
            Gone: there is nothing.
        """
        try:
            while True:
                self._wait(deadline, self._readable)
        except Gone:
            if not self._replies:
                raise

    def _take_in(self) -> bool:
        try:
            piece = os.read(self._out, _PIECE)
        except BlockingIOError:
            return False
        if not piece:
            raise Gone(self._last_words())
        self._received += piece
        before = len(self._replies)
        while (reply := take(self._received)) is not None:
            if not self._unanswered:
                raise BrokenFrame("a reply that nobody asked for")
            self._unanswered -= 1
            self._replies.append(reply)
        return len(self._replies) > before

    def _last_words(self) -> str:
        """How it ended, and what our own part of it complained about before it was locked."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.returncode
        if code == OUT_OF_MEMORY:
            return "its memory was used up"
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        with suppress(OSError):
            words = os.read(self._process.stderr.fileno(), 4096).decode("utf-8", "replace")
            if words.strip():
                return f"exit code {code}: {words.strip().splitlines()[-1]}"
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def open_channel(source: str, limits: Limits, *, reads: bool = False) -> Channel | InlineChannel:
    """The best that this system can do; the arguments are those of `Channel`.

    Raises:
        InvalidReward: the text is too long, or no text.
        Gone, Silent, BrokenFrame: it did not get ready.
    """
    if len(source) > MAX_CHARACTERS:
        raise InvalidReward(
            f"The reward function has {len(source):,} characters; it may have at most "
            f"{MAX_CHARACTERS:,}."
        )
    if any("\ud800" <= character <= "\udfff" for character in source):
        raise InvalidReward(
            "The reward function holds characters that no text has; save the file as UTF-8."
        )
    kind = InlineChannel if sys.platform == "win32" else Channel
    return kind(source, limits, reads=reads)


def _fcntl() -> Any:
    """A module that Windows does not have."""
    import fcntl

    return fcntl


def _lock(reply: dict[str, Any]) -> Lock:
    taken, missing = reply.get("taken"), reply.get("missing")
    if not isinstance(taken, list) or not isinstance(missing, list):
        raise BrokenFrame("no word about the locks")
    return Lock([plain(part) for part in taken], [plain(part) for part in missing])


def sentence(reply: dict[str, Any]) -> str:
    """What an error reply says.

    Raises:
        BrokenFrame: it is no sentence of ours.
    """
    message = reply.get("message")
    if not isinstance(message, str) or not message.endswith("."):
        raise BrokenFrame("an error without a sentence")
    return plain(message, _MAX_SENTENCE)


def told(fault: Exception, place: str) -> str:
    """The end of a sentence about a process that is gone, silent, or talks nonsense."""
    if isinstance(fault, Gone):
        return f"ended its process {place} ({plain(str(fault))}); correct it and try again."
    if isinstance(fault, Silent):
        return (
            f"took too long {place} and was stopped; look for a loop that does not end, or do "
            "less in each call."
        )
    return (
        f"sent back what is no reward {place} ({plain(str(fault))}) and was stopped; it must not "
        "reach into the program that runs it."
    )
