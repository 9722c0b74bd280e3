"""From source text to a callable `reward_function`, and back to the line where it went wrong."""

from __future__ import annotations

import builtins
import inspect
import linecache
import re
import reprlib
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from types import CodeType, FrameType, ModuleType
from typing import Any, cast

from racecraft.domain.errors import InvalidReward
from racecraft.sandbox.imports import guarded_import

FILE_NAME = "reward_function.py"
"""What tracebacks call the user's file."""
FUNCTION_NAME = "reward_function"
LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python; `str.splitlines` knows more ends and would count differently."""

_MAX_NAME = 60
_MAX_SAID = 2_000
_SHORT = reprlib.Repr()
"""Shows the beginning of a value at once, however long it is."""
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxdict = 20
_SHORT.maxstring = _SHORT.maxother = 90

RewardFunction = Callable[[dict[str, Any]], Any]


class TooSlow(BaseException):
    """A call was ended because it burnt too much processor time."""

    def __init__(self, frame: FrameType | None) -> None:
        super().__init__()
        while frame is not None and frame.f_code.co_filename != FILE_NAME:
            frame = frame.f_back
        self.line = frame.f_lineno if frame else None


class RewardSource:
    """A user's source text, compiled once and loaded as often as there are cars."""

    def __init__(self, source: str) -> None:
        """Compile the text.

        Raises:
            InvalidReward: it is not Python.
        """
        source = source.removeprefix("\ufeff")
        self._lines = LINE_END.split(source)
        self._def_line: int | None = None
        self._code = self._compiled(source)
        # Tracebacks that the user's code prints show its lines without opening a file.
        lines = [line + "\n" for line in self._lines]
        linecache.cache[FILE_NAME] = (len(source), None, lines, FILE_NAME)

    def load(self) -> RewardFunction:
        """Run the text as a new module; gives its `reward_function`.

        Raises:
            InvalidReward: it fails while it loads, or has no usable function.
        """
        names: dict[str, Any] = {
            "__name__": "reward_function",
            "__file__": FILE_NAME,
            "__builtins__": {**vars(builtins), "__import__": guarded_import},
        }
        module = ModuleType("reward_function")
        module.__dict__.update(names)
        # Classes find the module that they were defined in by its name, dataclasses for one.
        sys.modules["reward_function"] = module
        self._run(module.__dict__)
        function = self._found(module.__dict__)
        self._def_line = _def_line(function)
        self._check_signature(function)
        return function

    def line(self, number: int) -> str:
        """The text of a line (1-based), in backquotes and shortened, or nothing."""
        if not 1 <= number <= len(self._lines):
            return ""
        text = self._lines[number - 1].strip()
        return f"`{text if len(text) <= 100 else text[:97] + '...'}`"

    @property
    def def_line(self) -> int | None:
        """The line (1-based) on which the function begins, if it is a function."""
        return self._def_line

    def line_of(self, error: BaseException) -> int | None:
        """The deepest line (1-based) of the user's own text that an error went through."""
        frames = traceback.extract_tb(error.__traceback__)
        return next((f.lineno for f in reversed(frames) if f.filename == FILE_NAME), None)

    def at(self, number: int | None) -> str:
        """`in line 7, `…``, or words for where there is no line."""
        return f"in line {number}, {self.line(number)}" if number else "in code without lines"

    def where(self, error: BaseException) -> str:
        """`in line 7, `…``: where an error came from."""
        return self.at(self.line_of(error))

    def _compiled(self, source: str) -> CodeType:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # Our own `from __future__` imports are none of the user's business.
                return compile(source, FILE_NAME, "exec", dont_inherit=True)
        except SyntaxError as error:
            number = error.lineno or 1
            shown = f" ({self.line(number)})" if self.line(number) else ""
            raise InvalidReward(
                f"Line {number} of the reward function is not Python{shown}: {error.msg}; "
                "correct it and try again."
            ) from error
        except (RecursionError, MemoryError) as error:
            raise InvalidReward(
                "The reward function is nested too deeply to be read; write it in smaller steps."
            ) from error
        except ValueError as error:
            raise InvalidReward(
                f"The reward function cannot be read as Python text ({error}); "
                "save it as plain UTF-8 text."
            ) from error

    def _run(self, names: dict[str, Any]) -> None:
        try:
            exec(self._code, names)
        except TooSlow:
            raise
        except BaseException as error:
            raise InvalidReward(
                f"The reward function raised {named(error)} while it was loaded, "
                f"{self.where(error)}{explained(error)}; correct the line and try again."
            ) from error

    def _found(self, names: Mapping[str, Any]) -> RewardFunction:
        function = names.get(FUNCTION_NAME)
        if function is None:
            raise InvalidReward(
                "No line of the reward source defines "
                f"`reward_function(params)`{_others(names)}; "
                "give the function this name."
            )
        if not callable(function):
            raise InvalidReward(
                f"`reward_function` is {shown(function)}; write `def reward_function(params):`."
            )
        return cast(RewardFunction, function)

    def _check_signature(self, function: RewardFunction) -> None:
        complaint = _complaint(function)
        if complaint:
            number = self.def_line
            place = f"Line {number}, {self.line(number)}," if number else "`reward_function`"
            raise InvalidReward(f"{place} {complaint}; write `def reward_function(params):`.")


def named(error: BaseException) -> str:
    """`ValueError: its message`, shortened; just the class when there is no message."""
    kind = type(error).__name__[:_MAX_NAME]
    message = " ".join(_said(error)[:_MAX_SAID].split())
    message = message if len(message) <= 200 else message[:197] + "..."
    return f"{kind}: {message}" if message else kind


def _said(error: BaseException) -> str:
    try:
        return str.__str__(str(error))  # a plain text, even if the user's class made its own kind
    except TooSlow:
        raise
    except BaseException:  # the user's own class may do anything here
        return ""


def explained(error: BaseException) -> str:
    """What an error of the locks means, in brackets; nothing for other errors."""
    if isinstance(error, PermissionError):
        return " (a reward function reaches no files, no network and no other programs)"
    if isinstance(error, MemoryError):
        return " (its memory is limited)"
    return ""


def shown(value: object) -> str:
    """A value as in a message, with its type, shortened; its own `repr` may fail."""
    try:
        text = "a very large number" if _is_huge(value) else str.__str__(_SHORT.repr(value))
    except TooSlow:
        raise
    except BaseException:
        text = "something that cannot be shown"
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"{text} ({type(value).__name__[:_MAX_NAME]})"


def _is_huge(value: object) -> bool:
    return type(value) is int and value.bit_length() > 1000


def _complaint(function: RewardFunction) -> str:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "is `async`, but a reward is wanted at once"
    if inspect.isgeneratorfunction(function):
        return "uses `yield`, but one reward is wanted, by `return`"
    try:
        inspect.signature(function).bind({})
    except TypeError:
        return "does not take exactly one argument"
    except ValueError:  # made in C: it will tell when it is called
        return ""
    return ""


def _def_line(function: RewardFunction) -> int | None:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code.co_firstlineno if code and code.co_filename == FILE_NAME else None


def _others(names: Mapping[str, Any]) -> str:
    found = [
        f"`{name}` in line {value.__code__.co_firstlineno}"
        for name, value in names.items()
        if inspect.isfunction(value) and value.__code__.co_filename == FILE_NAME
    ]
    return f" (it defines {', '.join(found[:3])})" if found else ""
