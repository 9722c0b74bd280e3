"""Whole trainings on several tracks, in every variant, with rewards of every scale, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.domain.errors import InvalidReward, InvalidSpec, RacecraftError, TrackNotFound
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import ModelSpec, TrackChoice
from racecraft.tracks.library import load_track
from tests.training.whole_trainings import REWARD, FileBytes, Small, records, run


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"reward": "def reward_function(params):\n  return 1 +\n"}, InvalidReward),
        ({"reward": "x = 1\n"}, InvalidReward),
        ({"track": "no-such-track"}, TrackNotFound),
    ],
)
def test_what_cannot_be_trained_at_all_leaves_nothing_behind(
    tmp_path: Path,
    model: ModelSpec,
    small: Small,
    change: dict[str, str],
    error: type[RacecraftError],
) -> None:
    track = TrackChoice(name=change.get("track", "thimble"))
    training = small(64).model_copy(update={"tracks": (track,)})
    with pytest.raises(error):
        run(model, training, tmp_path, reward=change.get("reward", REWARD))
    assert list(tmp_path.iterdir()) == []


def several(ring_file: Path) -> tuple[TrackChoice, ...]:
    return TrackChoice(name="thimble"), TrackChoice(name=str(ring_file), is_reversed=True)


def test_several_tracks_are_trained_examined_and_recorded_each_for_itself(
    tmp_path: Path, model: ModelSpec, small: Small, ring_file: Path
) -> None:
    tracks = several(ring_file)
    training = small(64 * 8).model_copy(update={"tracks": tracks})
    # A reward by which one sees whose waypoints a car was told.
    reward = "def reward_function(params):\n    return float(len(params['waypoints']))\n"
    reports = run(model, training, tmp_path, reward=reward)
    assert {len(report.evaluation) for report in reports} == {2}
    assert all([row.track for row in r.tracks] == [str(t) for t in tracks] for r in reports)
    assert all(sum(row.episodes for row in r.tracks) > 0 for r in reports[-1:])
    roads = [load_track(t.name, is_reversed=t.is_reversed) for t in tracks]
    told = {
        (float(line.split(",")[13]), float(line.split(",")[8]))
        for lines in records(tmp_path)["traces"].values()
        for line in lines[1:]
        if float(line.split(",")[13]) > 0 and line.split(",")[15] != "prepare"
    }
    assert told == {(r.length_m, float(len(r.centre))) for r in roads}


def test_a_training_on_several_tracks_goes_on_as_if_it_had_never_been_left(
    tmp_path: Path, model: ModelSpec, small: Small, ring_file: Path, file_bytes: FileBytes
) -> None:
    tracks = {"tracks": several(ring_file)}
    run(model, small(64 * 4).model_copy(update=tracks), tmp_path / "whole")
    run(model, small(64 * 2).model_copy(update=tracks), tmp_path / "left")
    run(model, small(64 * 4).model_copy(update=tracks), tmp_path / "left", resume=True)
    assert file_bytes(tmp_path / "left") == file_bytes(tmp_path / "whole")
    assert records(tmp_path / "left") == records(tmp_path / "whole")


def test_more_tracks_than_cars_are_refused(tmp_path: Path, model: ModelSpec, small: Small) -> None:
    tracks = tuple(TrackChoice(name=name) for name in ("thimble", "milk-run", "bean-lane"))
    training = small(64, num_cars=2).model_copy(update={"tracks": tracks})
    with pytest.raises(InvalidSpec, match=r"3 tracks.*only 2 cars"):
        run(model, training, tmp_path)


@pytest.mark.parametrize(
    "variant",
    [
        *({"critic": critic} for critic in Critic),
        {"exploration_type": "e-greedy"},
        {"loss_type": "mean squared error", "num_cars": 1},
        {"uses_bf16": True, "critic": Critic.SHARED},
        {"threads": 5, "num_cars": 2},
    ],
    ids=lambda variant: "-".join(map(str, variant.values())),
)
def test_every_variant_trains(
    tmp_path: Path, model: ModelSpec, small: Small, variant: dict[str, Any]
) -> None:
    whole = {name: variant[name] for name in ("uses_bf16", "threads") if name in variant}
    hyper = {name: value for name, value in variant.items() if name not in whole}
    training = small(128, **hyper).model_copy(update=whole)
    reports = run(model, training, tmp_path)
    assert len(reports) == 2
    for report in reports:
        assert np.isfinite([report.policy_loss, report.value_loss, report.approx_kl]).all()


@pytest.mark.parametrize("factor", [2.0**-10, 2.0**13], ids=["tiny", "huge"])
def test_the_scale_of_rewards_changes_no_bit_of_what_is_learned(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes, factor: float
) -> None:
    scaled = f"{REWARD}\nplain = reward_function\n\ndef reward_function(params):\n"
    scaled += f"    return {factor!r} * plain(params)\n"
    training = small(64 * 4, learning_rate=1e-3)
    run(model, training, tmp_path / "plain")
    reports = run(model, training, tmp_path / "scaled", reward=scaled)
    # Powers of two, because then all sums are rounded alike.
    assert file_bytes(tmp_path / "scaled") == file_bytes(tmp_path / "plain")
    assert len(reports) == 4
