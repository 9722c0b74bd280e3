"""What is refused before a sweep starts, and whose models it deletes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.errors import Conflict, RacecraftError
from racecraft.domain.spec import ModelSpec, StopCondition, TrainingSpec
from racecraft.domain.sweep import Status, SweepResult, SweepSpec, SweepTrial
from racecraft.service.documents import checked
from racecraft.service.locks import locked
from racecraft.service.models import create_model, model_names
from racecraft.service.settings import Settings
from racecraft.service.sweeps.checks import check_plans
from racecraft.service.sweeps.kept import discard, mark_of, with_kept_models
from racecraft.service.sweeps.rewards import Rewards
from racecraft.service.sweeps.running import Sweep, run_sweep
from racecraft.service.sweeps.trial import Order, run

REWARDS = Rewards(base="def reward_function(params):\n    return 1.0\n")
STEPS = 512


def check(tmp_path: Path, space: dict[str, Any], name: str = "hunt", **base: Any) -> None:
    spec = checked(SweepSpec, {"base": base, "space": space})
    check_plans(Settings(home=tmp_path), name, spec, REWARDS)


@pytest.mark.parametrize(
    ("space", "sentence"),
    [
        ({"hyperparameters.gama": [0.9]}, "no field hyperparameters.gama"),
        ({"hyperparameters.gamma": [0.9, 2.0]}, "gamma is 2.0"),
        ({"hyperparameters.gamma": {"low": 0.5, "high": 1.5}}, "gamma is 1.5"),
        ({"track": ["thimble", "moon"]}, "moon"),
        ({"reward.GAIN": [1.0]}, "no constant 'GAIN'"),
    ],
)
def test_a_value_that_fits_nowhere_is_told_before_anything_starts(
    tmp_path: Path, space: dict[str, Any], sentence: str
) -> None:
    spec = checked(SweepSpec, {"space": {**space, "model.network": ["LIGHT"]}})
    sweep = Sweep(Settings(home=tmp_path), "hunt", spec, REWARDS)
    with pytest.raises(RacecraftError, match=sentence):
        run_sweep(sweep, lambda _: [SweepTrial(number=1)], lambda _: None)
    assert not sweep.folder.exists()


def test_values_that_fit_together_alone_are_not_refused(tmp_path: Path) -> None:
    # A LIDAR alone sees boxes and no road, so no value fits the base but in this race.
    space = {"hyperparameters.gamma": [0.9], "training.race.type": ["OBJECT_AVOIDANCE"]}
    check(tmp_path, space, model={"sensors": ["LIDAR"]})


def test_a_name_that_leaves_no_room_for_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RacecraftError, match=r"has 59 letters.*at most 58"):
        check(tmp_path, {"hyperparameters.gamma": [0.9]}, name="x" * 59)


def made(settings: Settings, name: str, *, mark: str | None = None, steps: int = STEPS) -> Path:
    return create_model(
        settings,
        ModelSpec(name=name),
        TrainingSpec(stop=StopCondition(env_steps=steps)),
        reward_source=REWARDS.base,
        mark=mark_of(name) if mark is None else mark,
    )


def test_a_sweep_deletes_what_is_its_own_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    made(settings, "hunt-0001")
    made(settings, "hunt-0002", mark="")
    made(settings, "hunt-0003", mark=mark_of("chase-0003"))
    made(settings, "hunt-0004", steps=2 * STEPS)  # somebody let it go on
    evaluated = made(settings, "hunt-0005") / "metrics" / "evaluation"
    evaluated.mkdir(parents=True)
    (evaluated / "evaluation-20260101000000.json").write_text('{"metrics": []}')
    discard(settings, "hunt-0001", STEPS)
    for number in (2, 3, 4, 5):
        with pytest.raises(RacecraftError):
            discard(settings, f"hunt-{number:04d}", STEPS)
    assert model_names(settings) == ["hunt-0002", "hunt-0003", "hunt-0004", "hunt-0005"]


def test_only_models_that_are_there_are_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    made(settings, "hunt-0001")
    made(settings, "hunt-0002", mark="")
    results = [
        SweepResult(trial=SweepTrial(number=n), status=Status.DONE, model=f"hunt-{n:04d}")
        for n in (1, 2, 3)
    ]
    assert [each.model for each in with_kept_models(settings, results)] == ["hunt-0001", "", ""]


def sweep_of(tmp_path: Path, **fields: Any) -> Sweep:
    spec = checked(SweepSpec, {"space": {"hyperparameters.gamma": [0.9]}, **fields})
    return Sweep(Settings(home=tmp_path), "hunt", spec, REWARDS)


def begin(sweep: Sweep) -> None:
    run_sweep(sweep, lambda _: [], lambda _: None)


def test_a_new_sweep_leaves_models_with_such_names_alone(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path)
    made(sweep.settings, "hunt-0007")
    with pytest.raises(Conflict, match="a model 'hunt-0007' already"):
        begin(sweep)


def test_a_refused_command_changes_nothing_of_the_sweep_that_runs(tmp_path: Path) -> None:
    begin(sweep_of(tmp_path, keep=1))
    more = sweep_of(tmp_path, keep=3)
    before = (more.folder / "sweep.json").read_text()
    with (
        locked(more.folder, "SWEEPING"),
        pytest.raises(Conflict, match="The sweep 'hunt' is in use: SWEEPING"),
    ):
        begin(more)
    assert (more.folder / "sweep.json").read_text() == before
    begin(more)
    assert (more.folder / "sweep.json").read_text() != before


def test_another_text_of_a_reward_is_another_sweep_once_something_was_trained_with_it(
    tmp_path: Path,
) -> None:
    sweep = sweep_of(tmp_path)
    begin(sweep)
    trial = SweepTrial(number=1)
    file = sweep.folder / "trials" / "0001.json"
    for status in (Status.FAILED, Status.DONE):
        result = SweepResult(trial=trial, status=status, model="hunt-0001")
        file.write_text(result.model_dump_json())
        texts = Rewards(base=REWARDS.base, choices={"mine.py": f"GAIN = 1.0  # {status}\n"})
        mended = Sweep(sweep.settings, sweep.name, sweep.spec, texts)
        if status is Status.FAILED:
            begin(mended)
            continue
        with pytest.raises(Conflict, match="with another reward function"):
            begin(mended)


def test_a_trial_waits_for_the_one_that_a_killed_sweep_left(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder = made(settings, "hunt-0001")
    spec = checked(SweepSpec, {"space": {"hyperparameters.gamma": [2.0]}, "steps": STEPS})
    order = Order(
        spec=spec,
        trial=SweepTrial(number=1, values={"hyperparameters.gamma": 2.0}),
        model="hunt-0001",
        rewards=REWARDS,
        thresholds=[],
        target=tmp_path / "0001.made",
    )
    with ThreadPoolExecutor(1) as threads:
        with locked(folder, "TRAINING"):
            result = threads.submit(run, settings, order)
            with pytest.raises(TimeoutError):
                result.result(1.0)  # longer than a lock is usually waited for
        # What is left of it is gone then, and the trial goes on to its own fault.
        assert "gamma is 2.0" in result.result(30.0).problem
    assert model_names(settings) == []
