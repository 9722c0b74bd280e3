"""From source text to a callable `reward_function`, and back to the line where it went wrong."""

from __future__ import annotations

import builtins
import inspect
import traceback
import warnings
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, cast

from racecraft.domain.errors import InvalidReward

FILE_NAME = "reward_function.py"
"""What tracebacks call the user's file."""
FUNCTION_NAME = "reward_function"

RewardFunction = Callable[[dict[str, Any]], Any]


class RewardSource:
    """A user's source text, loaded once."""

    function: RewardFunction
    """The user's `reward_function`."""

    def __init__(self, source: str, print_: Callable[..., None]) -> None:
        """Compile and run the text, with `print_` in place of `print`.

        Raises:
            InvalidReward: it is not Python, fails while it loads, or has no usable function.
        """
        source = source.removeprefix("\ufeff")
        self._lines = source.splitlines()
        self._names: dict[str, Any] = {
            "__name__": "reward_function",
            "__builtins__": {**vars(builtins), "print": print_},
        }
        self._run(self._compiled(source))
        self.function = self._found()
        self._check_signature()

    def line(self, number: int) -> str:
        """The text of a line (1-based), in backquotes and shortened, or nothing."""
        if not 1 <= number <= len(self._lines):
            return ""
        text = self._lines[number - 1].strip()
        return f"`{text if len(text) <= 100 else text[:97] + '...'}`"

    @property
    def def_line(self) -> int | None:
        """The line (1-based) on which the function begins, if it is a function."""
        code = getattr(inspect.unwrap(self.function), "__code__", None)
        return code.co_firstlineno if code and code.co_filename == FILE_NAME else None

    def where(self, error: BaseException) -> str:
        """`in line 7, `…``: the deepest line of the user's own text that an error went through."""
        frames = traceback.extract_tb(error.__traceback__)
        number = next((f.lineno for f in reversed(frames) if f.filename == FILE_NAME), None)
        return f"in line {number}, {self.line(number)}" if number else "in code without lines"

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
        except (ValueError, RecursionError, MemoryError) as error:
            raise InvalidReward(
                f"The reward function cannot be read as Python text ({error}); "
                "save it as plain UTF-8 text."
            ) from error

    def _run(self, code: CodeType) -> None:
        try:
            exec(code, self._names)
        except (Exception, SystemExit) as error:
            raise InvalidReward(
                f"The reward function raised {named(error)} while it was loaded, "
                f"{self.where(error)}; correct the line and try again."
            ) from error

    def _found(self) -> RewardFunction:
        function = self._names.get(FUNCTION_NAME)
        if function is None:
            raise InvalidReward(
                f"The reward source has {len(self._lines)} lines, but none defines "
                f"`reward_function(params)`{_others(self._names)}; "
                "give the function this name."
            )
        if not callable(function):
            raise InvalidReward(
                f"`reward_function` is {shown(function)}; write `def reward_function(params):`."
            )
        return cast(RewardFunction, function)

    def _check_signature(self) -> None:
        complaint = _complaint(self.function)
        if complaint:
            number = self.def_line
            place = f"Line {number}, {self.line(number)}," if number else "`reward_function`"
            raise InvalidReward(f"{place} {complaint}; write `def reward_function(params):`.")


def named(error: BaseException) -> str:
    """`ValueError: its message`, shortened; just the class when there is no message."""
    message = " ".join(str(error).split())
    message = message if len(message) <= 200 else message[:197] + "..."
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def shown(value: object) -> str:
    """A value as in a message, with its type, shortened; its own `repr` may fail."""
    try:
        text = repr(value)
    except Exception:
        text = "something that cannot be shown"
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"{text} ({type(value).__name__})"


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


def _others(names: Mapping[str, Any]) -> str:
    found = [
        f"`{name}` in line {value.__code__.co_firstlineno}"
        for name, value in names.items()
        if inspect.isfunction(value) and value.__code__.co_filename == FILE_NAME
    ]
    return f" (it defines {', '.join(found[:3])})" if found else ""
