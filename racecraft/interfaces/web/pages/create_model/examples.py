"""The chooser of reward functions to start from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import dialog

if TYPE_CHECKING:
    from racecraft.service.rewards import Example


def choose_example(examples: Sequence[Example], take: Callable[[Example], None]) -> None:
    """Open the chooser.

    Args:
        examples: what there is, the simplest first.
        take: called with the one that is chosen.
    """
    with dialog("Reward functions to start from", is_wide=True) as made:
        tag("p", "dim", "Each runs as it stands. Take one, change a number, and see what it pays.")

        def use(example: Example) -> None:
            made.close()
            take(example)

        with tag("ul", "examples"):
            for example in examples:
                with tag("li", "example"):
                    with tag("div", "example-top"):
                        with tag("div"):
                            tag("h3", text=_title(example.name))
                            tag("p", "dim", example.summary)
                        button("Use this code", partial(use, example))
                    with tag("details", "fold"):
                        tag("summary", text="Show the code")
                        tag("pre", "printed", example.source, tabindex="0")


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()
