"""Texts by key: `missions.garage.title` is `title` in the table `[garage]` of `missions.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from racecraft.service.course.plan import LANGUAGES


@dataclass(frozen=True)
class Texts:
    """All texts of the course in one language."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """One text.

        Args:
            key: of the text.
            **values: for the names in braces.

        Raises:
            KeyError: there is no such text.
        """
        text = self.entries[key]
        return text.format(**values) if values else text

    def under(self, start: str) -> dict[str, str]:
        """The texts whose keys begin so, by the rest of their keys."""
        return {
            key.removeprefix(f"{start}."): text
            for key, text in self.entries.items()
            if key.startswith(f"{start}.")
        }


@cache
def texts_in(language: str) -> Texts:
    """The texts of a language.

    Args:
        language: one of LANGUAGES.
    """
    folder = files(__package__) / "texts" / language
    entries: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            parsed = tomllib.loads(file.read_text(encoding="utf-8"))
            entries |= dict(_flat(parsed, file.name.removesuffix(".toml")))
    return Texts(language, entries)


def language_for(chosen: str, accepted: str = "") -> str:
    """The language for somebody.

    Args:
        chosen: by themselves; empty if they never chose.
        accepted: languages of their browser, the preferred one first (`de-CH,de;q=0.9,en;q=0.8`).
    """
    wanted = [part.split(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return next((each for each in (chosen, *wanted) if each in LANGUAGES), LANGUAGES[0])


def _flat(table: Mapping[str, Any], start: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{start}.{name}"
        if isinstance(value, dict):
            yield from _flat(value, key)
        else:
            yield key, str(value).strip()
