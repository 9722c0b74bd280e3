"""The page of exit codes."""

from __future__ import annotations

from made.markdown import NOTE, table
from racecraft.interfaces.exit_codes import EXIT_CODES


def exit_codes_page() -> str:
    """What the shell is told."""
    rows = [
        (f"`{code}`", f"`{kind.__name__}`", (kind.__doc__ or "").splitlines()[0])
        for kind, code in EXIT_CODES.items()
        if kind is not KeyboardInterrupt
    ]
    interrupted = (f"`{EXIT_CODES[KeyboardInterrupt]}`", "–", "Ctrl-C.")
    return f"""{NOTE}
# Exit codes

What `racecraft` tells the shell. Everything else of an error is one sentence on standard error.

{table(("code", "error", "meaning"), [("`0`", "–", "It worked."), *rows, interrupted])}"""
