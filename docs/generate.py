"""Writes the reference pages that are made from the code; `--check` says whether they are fresh.

Pages: `hyperparameters.md` from the pydantic documents in `racecraft.domain`, `exit-codes.md`
from the command line's table, `reward-examples.md` from the texts of the examples, and `course/`
from the texts of the course in the console.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from racecraft.analysis.notebook import notebook_of
from racecraft.domain.bots import BotSpec
from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec
from racecraft.domain.spec import EvaluationSpec, StopCondition, TrackChoice, TrainingSpec
from racecraft.interfaces.exit_codes import EXIT_CODES
from racecraft.interfaces.web.course.book import book
from racecraft.sandbox.builtin import builtin_descriptions, builtin_reward

DOCS = Path(__file__).parent
NOTE = "<!-- Made by docs/generate.py from the code; `make fix` writes it anew. -->\n"
BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def number(value: Any) -> str:
    """A number as people write it: 0.0003, 1e-08, 10000."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_within(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


def is_nested(field: FieldInfo) -> bool:
    """A document within the document, or a list of them: told in a section of its own."""
    members = [get_args(member)[:1] or (member,) for member in get_args(field.annotation)]
    return (
        is_within(field.annotation, BaseModel)
        or get_origin(field.annotation) is tuple
        or any(is_within(document, BaseModel) for (document,) in members)
    )


def allowed(field: FieldInfo) -> str:
    """The values that a field takes, in words."""
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if annotation is bool:
        return "`true`, `false`"
    if is_within(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)  # type: ignore[union-attr]
    if str in (annotation, *get_args(annotation)):
        return "text"
    kind = "whole number" if int in (annotation, *get_args(annotation)) else "number"
    bounds = [
        words.format(number(limit))
        for name, words in BOUNDS.items()
        for limit in [getattr(item, name, None) for item in field.metadata]
        if limit is not None
    ]
    return " ".join([kind, *bounds])


def default(field: FieldInfo) -> str:
    """The default as a document would spell it, or a dash."""
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "–"
    if isinstance(value, Enum):
        value = value.value
    return f"`{str(value).lower() if isinstance(value, bool) else number(value)}`"


def spellings(field: FieldInfo, name: str) -> str:
    """Other names under which a document may give the field."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else []
    return ", ".join(f"`{choice}`" for choice in choices if choice != name) or "–"


def fields_of(document: type[BaseModel]) -> str:
    """One row a field: name, values, default, meaning, other names."""
    return table(
        ("field", "values", "default", "meaning", "also called"),
        (
            (f"`{name}`", allowed(f), default(f), f.description or "", spellings(f, name))
            for name, f in document.model_fields.items()
            if not is_nested(f)
        ),
    )


def hyperparameters_page() -> str:
    """Everything a person can turn about a training and an evaluation."""
    return f"""{NOTE}
# Hyperparameters

Everything that can be turned about a training and an evaluation. A file or a flag with a value
outside these ranges, or with a name that is not here, is refused with a sentence that says so.

## PPO

The first rows are the table of the original console with its ranges and defaults, and they answer
to its spellings too; the rows after `epsilon_steps` are what it kept to itself.

{fields_of(PPOHyperparameters)}
## SAC

For continuous action spaces only; [PPO or SAC](algorithms.md) says when to choose it. The first
rows are the console's again; the rows after `num_episodes_between_training` are what it kept to
itself.

{fields_of(SACHyperparameters)}
## A training

`hyperparameters` are those above; `stop`, `tracks` (1 to 16, driven in turn) and `race` are told
below. The others:

{fields_of(TrainingSpec)}
### Its stop conditions

The first one that is met ends the training; at least one of `minutes`, `env_steps` and
`clean_laps` is needed.

{fields_of(StopCondition)}
### Its tracks

{fields_of(TrackChoice)}
### Its race

What is on the track: see [races](races.md). `obstacles` belong to OBJECT_AVOIDANCE, `bots`
to HEAD_TO_HEAD.

{fields_of(RaceSpec)}
{fields_of(ObstacleSpec)}
{fields_of(BotSpec)}
## An evaluation

`track` and `race` as above, and:

{fields_of(EvaluationSpec)}"""


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


def reward_examples_page() -> str:
    """The reward functions to start from, with their texts."""
    told = builtin_descriptions()
    rows = [(f"[`{name}`](#{name})", sentence) for name, sentence in told.items()]
    texts = [f"\n## {name}\n\n```python\n{builtin_reward(name)}```\n" for name in told]
    return f"""{NOTE}
# Reward examples

The simplest first. `racecraft reward examples NAME` prints one, and every command that takes a
reward function takes these names too. [Reward functions](reward-functions.md) says which to choose.

{table(("name", "what it pays for"), rows)}{"".join(texts)}"""


def course_page(name: str) -> str:
    """A page of the course as a book."""
    return f"{NOTE}\n{book()[name]}"


PAGES: dict[str, Callable[[], str]] = {
    "hyperparameters.md": hyperparameters_page,
    "exit-codes.md": exit_codes_page,
    "reward-examples.md": reward_examples_page,
    **{name: partial(course_page, name) for name in book()},
    "log-analysis.ipynb": lambda: notebook_of("my-first-model", "my-first-model"),
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` answer 1 if one is stale."""
    stale = [
        name
        for name, page in PAGES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != page()
    ]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is not what the code says now; run `make fix`.", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
