"""Comparisons: models, their iterations and evaluations, and uploaded logs side by side.

What is compared is written as words, `model-<id>`, `model-<id>@12` (an iteration),
`model-<id>@20260131120000` (an evaluation) or `logs-<id>`. A comparison lies in the folder of
whoever asked for it, under a name made of its words; the newest few are kept.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import InvalidInput, NotFound, RacecraftError
from racecraft.service.access import Actor, Operation
from racecraft.service.analyses import (
    TURNS,
    Analysis,
    Subject,
    make_report,
    newest_drive_s,
    read_report,
)
from racecraft.service.collection import view_model
from racecraft.service.drives import traced_iterations
from racecraft.service.evaluations import list_evaluations
from racecraft.service.files import read_text, storage, write_whole
from racecraft.service.log_uploads import logs_file, view_logs
from racecraft.service.model_folders import folder_of, settings_of

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

MOST = 8
"""That are compared at once."""
MOST_KEPT = 12
_WORD = re.compile(r"(model|logs)-([0-9a-z]{1,64})(?:@([^@/\x00-\x1f]{1,80}))?")
_KEY = re.compile(r"[0-9a-f]{32}")
_WORDS = "subjects.json"


@dataclass(frozen=True)
class Comparison:
    """What was compared, and what came of it."""

    key: str
    subjects: tuple[str, ...]
    analysis: Analysis


@dataclass(frozen=True)
class Parts:
    """What of a model or of uploaded logs can be looked at alone."""

    iterations: tuple[int, ...] = ()
    evaluations: tuple[str, ...] = ()
    """Their names, the newest first."""


def parts_of(store: Store, settings: Settings, actor: Actor, word: str) -> Parts:
    """The parts of a model or of uploaded logs.

    Raises:
        InvalidInput, NotFound, Forbidden: as of `compare`.
    """
    kind, which, _ = _meant(word)
    if kind == "logs":
        found = view_logs(store, actor, which)
        return Parts(found.iterations, found.evaluations[::-1])
    model = view_model(store, actor, which).model
    actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
    folder = folder_of(settings, model)
    stamps = tuple(each.stamp for each in list_evaluations(folder))
    return Parts(tuple(traced_iterations(folder)), stamps)


def key_of(words: Sequence[str]) -> str:
    """The name of the comparison of these."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def compare(
    store: Store, settings: Settings, actor: Actor, words: Sequence[str], *, makes_anew: bool = True
) -> Comparison | None:
    """The comparison of some subjects; made if there is none of all that they drove.

    Args:
        store: the records.
        settings: where models and logs are.
        actor: who asks.
        words: what to compare, one to eight; one alone is analysed.
        makes_anew: make it if need be; else tell what there is.

    Raises:
        InvalidInput: too many or odd words, or there are no such drives.
        NotFound: there is no such model, upload, iteration or evaluation, or it is somebody else's.
        Forbidden: the actor may see a model but not download it.
        TooManyRequests: too many are being made.
    """
    words = list(dict.fromkeys(words))
    subjects, newest_s = _subjects(store, settings, actor, words)
    place = _folder(settings, actor) / key_of(words)
    found = _read(place, newest_s)
    if not makes_anew or (found is not None and found.analysis.is_fresh):
        return found
    with TURNS.turn(actor.person_id):
        with storage(place):
            place.mkdir(parents=True, exist_ok=True)
        make_report(subjects, place / "report", settings.tracks)
        write_whole(place / _WORDS, json.dumps(words))
    _forget_old(place.parent)
    return _read(place, newest_s)


def view_comparison(store: Store, settings: Settings, actor: Actor, key: str) -> Comparison:
    """A comparison of the actor's that was made.

    Raises:
        NotFound: there is none, or what it compared is gone.
    """
    place = _folder(settings, actor) / key
    found = _read(place, 0.0) if _KEY.fullmatch(key) else None
    if found is None:
        raise NotFound(f"There is no comparison {key[:40]!r}; compare again.")
    newest_s = _subjects(store, settings, actor, found.subjects)[1]
    made = _read(place, newest_s)
    return made or found


def list_comparisons(settings: Settings, actor: Actor) -> list[Comparison]:
    """The actor's comparisons that are kept, newest first."""
    actor.demand(Operation.VIEW_LOGS, actor.person_id)
    found = []
    for place in _by_age(_folder(settings, actor)):
        try:
            one = _read(place, 0.0)
        except RacecraftError:
            continue
        if one is not None:
            found.append(one)
    return found


def _subjects(
    store: Store, settings: Settings, actor: Actor, words: Sequence[str]
) -> tuple[list[Subject], float]:
    """What the words mean, and when any of it drove last."""
    if not 1 <= len(words) <= MOST:
        raise InvalidInput(f"{len(words)} are to be compared; choose 1 to {MOST}.")
    subjects, newest_s = [], 0.0
    for word in words:
        kind, which, part = _meant(word)
        if kind == "model":
            model = view_model(store, actor, which).model
            actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
            folder = folder_of(settings, model)
            subjects.append(Subject(folder, model.name, part))
            newest_s = max(newest_s, newest_drive_s(folder))
        else:
            logs = view_logs(store, actor, which)
            subjects.append(Subject(logs_file(settings, logs), logs.name, part))
    return subjects, newest_s


def _meant(word: str) -> tuple[str, str, str]:
    """Kind, id and part of a word."""
    found = _WORD.fullmatch(word)
    if found is None:
        raise InvalidInput(
            f"{word[:100]!r} cannot be compared; write model-ID, model-ID@ITERATION, "
            "model-ID@EVALUATION or logs-ID."
        )
    return found[1], found[2], found[3] or ""


def _folder(settings: Settings, actor: Actor) -> Path:
    return settings_of(settings, actor.person_id).comparisons


def _read(place: Path, newest_s: float) -> Comparison | None:
    analysis = read_report(place / "report", newest_s)
    if analysis is None or not (place / _WORDS).is_file():
        return None
    try:
        words = tuple(map(str, json.loads(read_text(place / _WORDS))))
    except (ValueError, TypeError):  # cut short: it is made anew
        return None
    return Comparison(place.name, words, analysis)


def _by_age(folder: Path) -> list[Path]:
    """The comparisons in a folder, newest first."""
    places = [each for each in folder.glob("*") if _KEY.fullmatch(each.name)]
    return sorted(places, key=lambda each: (-each.stat().st_mtime, each.name))


def _forget_old(folder: Path) -> None:
    for place in _by_age(folder)[MOST_KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
