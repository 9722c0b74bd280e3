"""A model folder of the console, deepracer-for-cloud or the car as a new model of ours."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.analysis.places import Place, open_place
from racecraft.domain.errors import InvalidInput, NotFound, RacecraftError
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.domain.spec import ModelSpec
from racecraft.service.evaluations import Recording
from racecraft.service.files import write_whole
from racecraft.service.foreign.checkpoints import INDEX, read_checkpoint
from racecraft.service.foreign.documents import description_of, reward_of, training_of
from racecraft.service.foreign.drives import read_steps, trace_text, trials_of
from racecraft.service.foreign.graphs import GraphPolicy, read_policy
from racecraft.service.foreign.policies import keep_checkpoint, weights_of
from racecraft.service.foreign.work import ForeignReport, Taking
from racecraft.service.models import checked_name, create_model, fresh_name
from racecraft.service.stamps import STAMP, is_stamp

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_TRACE = re.compile(r"(?:^|/)training-simtrace/(\d{1,7})-iteration\.csv$")
_EVALUATION = re.compile(r"(?:^|/)([^/]*)/evaluation-simtrace/\d+-iteration\.csv$")
_OTHER_WORKER = re.compile(r"(?:^|/)([1-9]\d{0,3})/training-simtrace/")
_NO_TIME = datetime(2000, 1, 1)
"""Evaluations whose name tells no time get the seconds after this one."""
_PACKED = (".zip", ".gz", ".tgz", ".tar", "")
"""Endings of archives; uploads have none."""
_MOST_GRAPH_BYTES = 300_000_000
_MOST_TRACE_BYTES = 200_000_000
_MOST_TRACES_BYTES = 2_000_000_000
"""Of all traces together."""


def is_foreign(path: Path) -> bool:
    """Whether a path holds a model of another program: a vehicle description, no list of ours."""
    if path.is_file() and path.suffix not in _PACKED:
        return False
    try:
        with open_place(path) as place:
            names = {name.rpartition("/")[2] for name in place.names}
            is_ours = "manifest.json" in place.names or "training.json" in names
            return "model_metadata.json" in names and not is_ours
    except RacecraftError:
        return False


def import_foreign(
    settings: Settings, path: Path, *, name: str | None = None, called: str = ""
) -> ForeignReport:
    """Make a model of what another program left, whole or not at all.

    Args:
        settings: where it goes.
        path: a folder, ZIP or tar of the console, of deepracer-for-cloud, or for the car.
        name: what to call it; as the folder or file when None.
        called: how the file was called where it came from, when it lies here under another name.

    Raises:
        NotFound: nothing is there.
        InvalidInput: there is no vehicle description, or nothing can be made of it.
        InvalidSpec: the vehicle is none that can be built here, or the name does not fit.
        Conflict: a model has this name.
        StorageFailed: the home folder cannot be written.
    """
    with open_place(path) as place:
        wanted = checked_name(name) if name else fresh_name(settings, _name(path, place, called))
        work = Taking(settings, place, ForeignReport(name=wanted))
        description = description_of(work)
        model = ModelSpec(name=wanted, description="Imported.", **description.model)
        training = training_of(work, description.algorithm)
        folder = create_model(settings, model, training, reward_source=reward_of(work))
        try:
            _weights(work, model, description.algorithm, folder)
            _traces(work, folder)
            _evaluations(work, folder)
            _metrics(work, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return work.report


def _weights(work: Taking, model: ModelSpec, algorithm: AlgorithmName, folder: Path) -> None:
    files = _weight_files(work)
    if not files:
        work.leave("There are no weights (model.pb or .ckpt); train the model anew.")
    for file in files:
        try:
            weights = weights_of(model, algorithm, _policy_in(work, file))
        except InvalidInput as error:
            work.leave(f"The weights in {file} were not taken over: {error}")
            continue
        keep_checkpoint(folder, weights, algorithm)
        work.report.can_drive = True
        work.say(f"the weights of {file}, as checkpoint 0")
        return


def _weight_files(work: Taking) -> list[str]:
    """A frozen graph and a checkpoint, where they are; of several the best or the newest."""
    graphs = [name for name in work.place.names if name.endswith(".pb")]
    indices = [name for name in work.place.names if name.endswith(INDEX)]
    told = work.json("deepracer_checkpoints.json").get("best_checkpoint")
    best = str(told.get("name", "")) if isinstance(told, dict) else ""
    named = [name for name in indices if name.endswith(f"/{best}.index") and best]
    return [max(found, key=_numbers) for found in (graphs, named or indices) if found]


def _numbers(name: str) -> tuple[list[int], str]:
    """What orders files of a training by the time at which they were written."""
    return [int(n) for n in re.findall(r"\d+", name.rpartition("/")[2])] or [-1], name


def _policy_in(work: Taking, file: str) -> GraphPolicy:
    if file.endswith(INDEX):
        return read_checkpoint(work.place, file)
    data = work.place.read(file)
    if len(data) > _MOST_GRAPH_BYTES:
        raise InvalidInput(f"The graph has {len(data)} bytes.")
    return read_policy(data)


def _traces(work: Taking, folder: Path) -> None:
    count = rows = 0
    others: Counter[str] = Counter()
    for name in work.place.names:
        found = _TRACE.search(name)
        if found is None:
            continue
        other = _OTHER_WORKER.search(name)
        if other is not None:
            others[other[1]] += 1
            continue
        steps = _steps(work, name)
        if steps:
            target = folder / "training-simtrace" / f"{int(found[1])}-iteration.csv"
            target.parent.mkdir(exist_ok=True)
            write_whole(target, trace_text(steps))
            count, rows = count + 1, rows + len(steps)
    if others:
        work.leave(
            f"{others.total()} traces are of other workers ({', '.join(sorted(others, key=int))}); "
            "analyse the folder to see them."
        )
    if count:
        work.say(f"traces of {count} training iterations ({rows} steps)")
        work.leave(
            "A training of this model itself would begin anew and replace these traces; train a "
            "clone."
        )


def _evaluations(work: Taking, folder: Path) -> None:
    count = 0
    names = [name for name in work.place.names if _EVALUATION.search(name)]
    numbers = {name: number for number, name in enumerate(sorted(names), start=1)}
    for name in names:
        steps = _steps(work, name)
        if not steps:
            continue
        kept = Recording(folder, _stamp_of(name, numbers[name]))
        if kept.trace.exists():
            work.leave(f"{name} has the time of another evaluation.")
            continue
        kept.trace.parent.mkdir(parents=True, exist_ok=True)
        kept.metrics.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept.trace, trace_text(steps))
        items = [trial.metrics_item for trial in trials_of(steps)]
        write_whole(kept.metrics, json.dumps({"metrics": items}, indent=2) + "\n")
        count += 1
    if count:
        work.say(f"{count} evaluations")


def _stamp_of(name: str, number: int) -> str:
    """The time of an evaluation, as the name of its folder tells it."""
    found = _EVALUATION.search(name)
    told = STAMP.search(found[1]) if found is not None else None
    if told is not None and is_stamp(told[0]):
        return told[0]
    return f"{_NO_TIME + timedelta(seconds=number):%Y%m%d%H%M%S}"


def _metrics(work: Taking, folder: Path) -> None:
    items = work.json("TrainingMetrics.json").get("metrics")
    if not isinstance(items, list) or not items:
        return
    if not all(isinstance(item, dict) and isinstance(item.get("episode"), int) for item in items):
        work.leave("TrainingMetrics.json is of a kind that is not known.")
        return
    (folder / "metrics").mkdir(exist_ok=True)
    text = json.dumps({"metrics": items, "version": 2.0, "best_model_metric": "progress"})
    write_whole(folder / "metrics" / "TrainingMetrics.json", text + "\n")
    work.say(f"the table of {len(items)} episodes and trials")


def _steps(work: Taking, name: str) -> list[Any]:
    try:
        data = work.place.read(name)
        if len(data) > _MOST_TRACE_BYTES:
            raise InvalidInput(
                f"{name} has {len(data)} bytes; at most {_MOST_TRACE_BYTES} are read."
            )
        work.trace_bytes += len(data)
        if work.trace_bytes > _MOST_TRACES_BYTES:
            raise InvalidInput(f"{name} was left out: the traces before it are large enough.")
        return read_steps(data, name)
    except InvalidInput as error:
        work.leave(str(error))
        return []


def _name(path: Path, place: Place, called: str) -> str:
    tops = {name.split("/")[0] for name in place.names}
    has_top = path.is_file() and len(tops) == 1 and all("/" in name for name in place.names)
    word = tops.pop() if has_top else (called or path.resolve().name).split(".")[0]
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", word).strip("-")[:60].strip("-")
    if not plain:
        raise NotFound(f"{path} has no name that a model may have; give one with --name.")
    return plain
