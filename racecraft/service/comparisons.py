"""Comparisons: models, their iterations and evaluations, and uploaded logs side by side.

What is compared is written as words, `model-<id>`, `model-<id>@12` (an iteration),
`model-<id>@20260131120000` (an evaluation) or `logs-<id>`. A comparison lies in the folder of
whoever asked for it, under a name made of its words; the newest few are kept.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import Forbidden, InvalidInput, NotFound, RacecraftError
from racecraft.service.access import Actor, Operation
from racecraft.service.analyses import (
    TURNS,
    Analysis,
    Sources,
    Subject,
    make_report,
    newest_drive_s,
    read_report,
)
from racecraft.service.collection import view_model
from racecraft.service.comparison_folders import (
    KEY,
    forget_old,
    keep_words,
    kept_words,
    newest_first,
)
from racecraft.service.drives import traced_iterations
from racecraft.service.evaluations import list_evaluations
from racecraft.service.files import storage
from racecraft.service.log_uploads import logs_file, view_logs
from racecraft.service.model_folders import folder_of, settings_of

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

MOST = 8
"""That are compared at once."""
MOST_KEPT = 12
_REPORT = "report"
_WORD = re.compile(r"(model|logs)-([0-9a-z]{1,64})(?:@([^@/\x00-\x1f]{1,80}))?")


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
    store: Store,
    settings: Settings,
    actor: Actor,
    words: Sequence[str],
    *,
    makes_anew: bool = True,
    again: bool = False,
) -> Comparison | None:
    """The comparison of some subjects; made if there is none that is fresh.

    Args:
        store: the records.
        settings: where models and logs are.
        actor: who asks.
        words: what to compare, one to eight; one alone is analysed.
        makes_anew: make it if need be; else tell what there is.
        again: make it in any case.

    Raises:
        InvalidInput: too many or odd words, or there are no such drives.
        NotFound: there is no such model, upload, iteration or evaluation, or it is somebody else's.
        Forbidden: the actor may see a model but not download it.
        TooManyRequests: too many are being made.
    """
    words = tuple(dict.fromkeys(words))
    sources = _sources(store, settings, actor, words)
    place = _folder(settings, actor) / key_of(words)
    found = _read(place, words, sources)
    if not again and (not makes_anew or (found is not None and found.analysis.is_fresh)):
        return found
    with TURNS.turn(actor.person_id):
        _make(sources, words, place)
    forget_old(place.parent, MOST_KEPT)
    return _read(place, words, _sources(store, settings, actor, words))


def _make(sources: Sources, words: tuple[str, ...], place: Path) -> None:
    with storage(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    with storage(place), tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as room:
        made = Path(room) / place.name
        made.mkdir()
        make_report(sources, made / _REPORT)
        keep_words(made, words)
        shutil.rmtree(place, ignore_errors=True)
        os.replace(made, place)


def view_comparison(store: Store, settings: Settings, actor: Actor, key: str) -> Comparison:
    """A comparison of the actor's that was made.

    Raises:
        NotFound: there is none, or what it compared is gone.
    """
    place = _folder(settings, actor) / key
    words = kept_words(place) if KEY.fullmatch(key) else None
    found = None
    if words is not None:
        found = _read(place, words, _sources(store, settings, actor, words))
    if found is None:
        raise NotFound(f"There is no comparison {key[:40]!r}; compare again.")
    return found


def list_comparisons(store: Store, settings: Settings, actor: Actor) -> list[Comparison]:
    """The actor's comparisons that are kept, newest first.

    Those with something that is gone, or that the actor may not see any more, go for good.
    """
    actor.demand(Operation.VIEW_LOGS, actor.person_id)
    found = []
    for place in newest_first(_folder(settings, actor)):
        words = kept_words(place) or ()
        try:
            one = _read(place, words, _sources(store, settings, actor, words))
        except (NotFound, Forbidden):
            shutil.rmtree(place, ignore_errors=True)
            continue
        except RacecraftError:
            continue
        if one is not None:
            found.append(one)
    return found


def _sources(store: Store, settings: Settings, actor: Actor, words: Sequence[str]) -> Sources:
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
    return Sources(tuple(subjects), settings.tracks, newest_s)


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


def _read(place: Path, words: tuple[str, ...], sources: Sources) -> Comparison | None:
    analysis = read_report(place / _REPORT, sources)
    return None if analysis is None else Comparison(place.name, words, analysis)
