"""The code editor: Python colours, completion of inputs with their help, findings underlined."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.reward_help import MEANINGS
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.fields import Field

if TYPE_CHECKING:
    from racecraft.sandbox.findings import Finding

_WORD = re.compile(r"\w+|\S")


class CodeField(Field):
    """The editor; what stands in it is `value`."""

    def __init__(self, source: str, on_change: Callable[[str], Any]) -> None:
        super().__init__("Reward function", source, on_change)
        with self.root:
            self.control = tag("div", "only-read", tabindex="-1")
            self._error = words("p", "", "field-error", role="alert")
            self.editor = ui.codemirror(
                source,
                language="Python",
                theme="basicLight",
                line_wrapping=True,
                on_change=self._typed,
            ).classes("code-editor")
            tag("p", "field-help", "Tab indents; Escape and then Tab leaves the editor.")
        inputs = [
            {"label": name, "detail": meaning.kind, "info": meaning.text}
            for name, meaning in MEANINGS.items()
        ]
        ui.run_javascript(f"racecraftCreate.editor({self.editor.id}, {json.dumps(inputs)})")

    def _typed(self, event: Any) -> None:
        self.change(event.value)

    def set_value(self, value: Any) -> None:
        """Put another text in."""
        self.editor.decorations = []
        self.editor.set_value(value)

    def underline(self, findings: Sequence[Finding]) -> None:
        """Show the places of findings; hovering over their lines tells them."""
        lines = self.value.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        marks: list[dict[str, Any]] = []
        told: dict[int, list[str]] = {}
        for finding in findings:
            if finding.line is None or not 1 <= finding.line <= len(lines):
                continue
            told.setdefault(finding.line, []).append(finding.message)
            text, start = lines[finding.line - 1], starts[finding.line - 1]
            first, last = _place(text, finding.column)
            kind = f"found found-{finding.severity.value}"
            if first < last:
                marks.append(
                    {"kind": "mark", "from": start + first, "to": start + last, "class": kind}
                )
        self.editor.decorations = marks
        self.editor.line_tooltips = {line: " ".join(said) for line, said in told.items()}

    def reveal(self, line: int) -> None:
        """Show a line and put the cursor there."""
        self.editor.reveal_line(line)
        ui.run_javascript(f"racecraftCreate.goTo({self.editor.id}, {line})")


def _place(text: str, column: int | None) -> tuple[int, int]:
    """From where to where a line is underlined: the word at the column, else all of it."""
    indent = len(text) - len(text.lstrip())
    whole = (indent, len(text.rstrip()))
    if column is None or not 1 <= column <= len(text):
        return whole
    word = _WORD.match(text, column - 1)
    return (column - 1, word.end()) if word else whole
