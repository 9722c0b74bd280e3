"""The command line: `racecraft`, one module a noun, one service call a command.

Nothing heavy is imported until a command needs it, so that `racecraft --help` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    Args:
        arguments: words behind `racecraft`; those of this process when left out.
    """
    try:
        from racecraft.interfaces.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:  # before the command had begun
        return 130
