"""The log of the service: lines for people at a terminal, or JSON for programs; never a secret.

Lines carry the id of the request (`request_id`, also in the answer's `X-Request-Id`), of the job
and of the person, where there are such. What looks like a secret is masked before it is written,
wherever it comes from: values by their names, tokens, codes and cookies by their looks.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import IO, Any

import structlog

MASK = "•••"
_NAMES = re.compile(r"password|passwd|secret|token|cookie|authorization|recovery|invitation", re.I)
_LOOKS = re.compile(
    r"\b(?:racecraft|session|job)_[A-Za-z0-9_-]{16,}"  # what programs and browsers show
    r"|\b[2-9A-Z]{4}(?:-[2-9A-Z]{4}){2,3}\b"  # what people write down
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password of an address
    r"|\$argon2\w+\$\S+"
)
_LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access")


def begin_log(
    *, is_json: bool = False, is_verbose: bool = False, to: IO[str] | None = None
) -> None:
    """Write the log of this process from now on.

    Args:
        is_json: one JSON object a line instead of text.
        is_verbose: also what happens all the time, such as every request that only reads.
        to: where; standard error by default.
    """
    stream = to or sys.stderr
    level = logging.DEBUG if is_verbose else logging.INFO
    is_terminal = not is_json and stream.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if is_json else "%H:%M:%S", utc=is_json),
        structlog.processors.format_exc_info,  # not the renderer's: it would show local variables
        masked,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if is_json
        else structlog.dev.ConsoleRenderer(colors=is_terminal, pad_event_to=28)
    )
    door = logging.StreamHandler(stream)
    door.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                masked,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [door]
    root.setLevel(logging.WARNING)
    logging.getLogger("racecraft").setLevel(level)
    for name in _LIBRARIES:  # theirs go the same way
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def masked(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line of the log without what somebody could get in with."""
    return {name: _without_secrets(name, value) for name, value in line.items()}


def _without_secrets(name: str, value: Any) -> Any:
    if name.startswith("_"):  # structlog's own
        return value
    if _NAMES.search(name) and value not in (None, ""):
        return MASK
    if isinstance(value, str):
        return _LOOKS.sub(MASK, value)
    if isinstance(value, dict):
        return {key: _without_secrets(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets("", each) for each in value]
    return value
