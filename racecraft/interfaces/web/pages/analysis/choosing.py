"""The form of what to compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment_text
from racecraft.interfaces.web.widgets.buttons import button, icon_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, ChoiceField
from racecraft.service.collection import ModelFilter, list_models
from racecraft.service.comparisons import MOST, Parts, parts_of
from racecraft.service.log_uploads import list_logs
from racecraft.service.model_records import ModelState
from racecraft.service.stamps import is_stamp, stamp_s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from racecraft.interfaces.web.visit import Asking, Visit

_ALL = ""
_DIGITS = 14
"""Of the time of an evaluation."""


@dataclass(frozen=True)
class Choice:
    """What can be chosen."""

    names: dict[str, str]
    """Word and name of each model and upload."""
    parts: Parts
    """Of the first one."""


def read_choice(asking: Asking, words: Sequence[str]) -> Choice:
    """Look what there is; models of others that an admin chose are there by their names, too."""
    wanted = ModelFilter(state=ModelState.READY, limit=500, order="name")
    models, _ = list_models(asking.store, asking.actor, wanted)
    names = {f"model-{view.model.id}": view.model.name for view in models}
    names |= {f"logs-{row.id}": row.name for row in list_logs(asking.store, asking.actor)}
    first = next(iter(names), "")
    parts = parts_of(asking.store, asking.settings, asking.actor, first) if first else Parts()
    for word in words:
        whole = word.partition("@")[0]
        names.setdefault(whole, whole)
    return Choice(names, parts)


def show_choice(
    visit: Visit, choice: Choice, words: Sequence[str], go: Callable[[list[str]], None]
) -> None:
    """The chosen ones, and a form for one more.

    Args:
        visit: the opened page.
        choice: what there is.
        words: what is chosen.
        go: opens the page with other words.
    """
    with panel("What is compared", info="comparisons", classes="choosing"):
        if words:
            with tag("ul", "chosen"):
                for word in words:
                    _chosen(choice, word, words, go)
        else:
            tag("p", "dim", f"Nothing yet: add 2 to {MOST}, or one alone to look at a part of it.")
        if not choice.names:
            tag("p", "dim", "There is nothing to compare yet; train a model, or upload logs.")
        elif len(words) < MOST:
            _More(visit, choice, words, go)


def _chosen(
    choice: Choice, word: str, words: Sequence[str], go: Callable[[list[str]], None]
) -> None:
    whole, _, part = word.partition("@")
    name = choice.names.get(whole, whole)
    title = f"{name}, {part_words(part)}" if part else name
    with tag("li"):
        tag("span", text=title)
        left = [each for each in words if each != word]
        icon_button(f"Leave {title} out", "cross", lambda: go(left))


def part_words(part: str) -> str:
    """A part as people call it."""
    if part.isdecimal() and len(part) < _DIGITS:
        return f"iteration {part}"
    if is_stamp(part):
        return f"evaluation of {moment_text(stamp_s(part))}"
    return f"evaluation {part}"


class _More:
    """The form for one more."""

    def __init__(
        self, visit: Visit, choice: Choice, words: Sequence[str], go: Callable[[list[str]], None]
    ) -> None:
        self._visit, self._words, self._go = visit, list(words), go
        first = next(iter(choice.names))
        with tag("div", "form two"):
            self._which = ChoiceField("Model or logs", choice.names, first, self._change)
            self._place = tag("div")
        self._make_parts(choice.parts)
        with tag("div", "actions"):
            button("Add", self._add, icon="plus")

    async def _change(self, word: str) -> None:
        parts = await self._visit.run(
            lambda asking: parts_of(asking.store, asking.settings, asking.actor, word)
        )
        self._make_parts(parts)

    def _make_parts(self, parts: Parts) -> None:
        options = {_ALL: "Everything that it drove"}
        options |= {each: part_words(each).capitalize() for each in parts.evaluations}
        options |= {str(each): f"Iteration {each}" for each in reversed(parts.iterations)}
        self._place.clear()
        with self._place:
            about = About("What of it", "All drives, one evaluation, or one training iteration.")
            self._part = ChoiceField(about, options, _ALL)

    def _add(self) -> None:
        part = str(self._part.value)
        word = f"{self._which.value}@{part}" if part else str(self._which.value)
        if word in self._words:
            self._part.show_error("This is there already; choose something else.")
            self._part.focus()
            return
        self._go([*self._words, word])
