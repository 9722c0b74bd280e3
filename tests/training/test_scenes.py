"""Scenes for viewers: what is shown is what was driven, and copying it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.live.scene import Scene
from racecraft.domain.simtrace import steps_from_csv
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice
from racecraft.domain.spec import TrainingSpec as Training
from racecraft.sandbox.builtin import builtin_reward
from racecraft.tracks.library import load_track
from racecraft.training.evaluate import evaluate
from racecraft.training.ppo import train
from racecraft.training.scenes import scenes_of_steps

REWARD = builtin_reward("centre-line")


def drive(model: ModelSpec, training: Training, folder: Path, *, watched: bool) -> list[Scene]:
    """Train; gives the scenes of all iterations if they are watched."""
    scenes = []
    for report in train(model, training, reward_source=REWARD, folder=folder):
        assert report.driven is not None
        if watched:
            scenes.append(report.driven.scene([0, 2, 99], [2], 10_000))
    return scenes


def test_a_training_that_is_watched_learns_the_same_to_the_byte(
    model: ModelSpec,
    small: Callable[..., Training],
    file_bytes: Callable[[Path], dict[str, bytes]],
    tmp_path: Path,
) -> None:
    training = small(1500)
    drive(model, training, tmp_path / "alone", watched=False)
    scenes = drive(model, training, tmp_path / "watched", watched=True)

    assert len(scenes) > 1
    alone, watched = (file_bytes(tmp_path / name) for name in ("alone", "watched"))
    assert alone == watched


def test_scenes_show_every_step_of_the_traces_in_its_place(
    model: ModelSpec, small: Callable[..., Training], tmp_path: Path
) -> None:
    training = small(1500)
    scenes = drive(model, training, tmp_path, watched=True)

    traced = [
        step
        for path in (tmp_path / "training-simtrace").iterdir()
        for step in steps_from_csv(path.read_text())
        if step.status is not EpisodeStatus.PREPARE
    ]
    assert traced
    nose_m = model.car.nose_m
    shown = {
        (round(x + nose_m * np.cos(h), 6), round(y + nose_m * np.sin(h), 6)): reward
        for scene in scenes
        for x, y, h, reward in zip(
            scene.cars.x_m.ravel(),
            scene.cars.y_m.ravel(),
            scene.cars.heading_rad.ravel(),
            scene.cars.reward.ravel(),
            strict=True,
        )
    }
    for step in traced:
        assert shown[round(step.x_m, 6), round(step.y_m, 6)] == step.reward


def test_iterations_follow_on_each_other_without_a_gap(
    model: ModelSpec, small: Callable[..., Training], tmp_path: Path
) -> None:
    training = small(3000)
    scenes = drive(model, training, tmp_path, watched=True)
    x, y, jump = (
        np.concatenate([getattr(scene.cars, name) for scene in scenes])
        for name in ("x_m", "y_m", "jump")
    )

    moved_m = np.hypot(np.diff(x, axis=0), np.diff(y, axis=0))
    fastest_m = model.car.max_speed_mps / 15.0 * 1.1
    assert (moved_m[~jump[1:]] <= fastest_m).all()
    assert jump[1:].any()
    assert (moved_m[jump[1:]] > fastest_m).any()


def test_the_view_of_a_car_is_what_it_saw_and_how_likely_its_actions_were(
    model: ModelSpec, small: Callable[..., Training], tmp_path: Path
) -> None:
    scenes = drive(model, small(500), tmp_path, watched=True)

    scene = scenes[0]
    assert set(scene.views) == {0, 2}, "there is no car 99"
    view = scene.views[2]
    assert len(view.frames) == scene.steps
    assert len({frame.tobytes() for frame in view.frames if frame is not None}) > 1
    np.testing.assert_allclose(view.probabilities.sum(axis=1), 1.0)
    assert view.probabilities.shape == (scene.steps, 3)


def test_a_scene_may_be_a_part_of_an_iteration(
    model: ModelSpec, small: Callable[..., Training], tmp_path: Path
) -> None:
    reports = train(model, small(500), reward_source=REWARD, folder=tmp_path)
    report = next(iter(reports))
    assert report.driven is not None
    assert report.driven.scene([], [], 5).steps == 5
    assert not report.driven.scene([], [], 5).is_whole
    assert report.driven.scene([], [], 10_000).is_whole


def test_the_trials_of_an_evaluation_are_scenes_with_one_car(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> None:
    rules = EvaluationSpec(
        track=TrackChoice(name=str(ring_file)), trials=2, max_resets=1, off_track_penalty_s=1.0
    )
    result = evaluate(ring_model, one_action_checkpoint(1), rules, most_frames=10_000)
    bare = evaluate(ring_model, one_action_checkpoint(1), rules)
    assert bare == result, "pictures that are kept change nothing"
    assert all(frame is None for frame in bare.frames)

    nose_m = ring_model.car.nose_m
    scenes = scenes_of_steps(result.steps, result.objects, result.frames, result.maps, nose_m)

    assert [scene.part for scene in scenes] == [0, 1]
    assert sum(scene.steps for scene in scenes) == len(result.steps)
    cars = scenes[0].cars
    assert cars.x_m.shape == (scenes[0].steps, 1)
    assert np.isnan(cars.reward).all()
    track = load_track(ring_file)
    along = track.locate(np.array([[cars.x_m[0, 0], cars.y_m[0, 0]]]))
    assert abs(along.offset_m[0]) < 0.01
    # It leaves the road, is put back, and waits there.
    put_back = int(np.flatnonzero(cars.status[:, 0] == EpisodeStatus.OFF_TRACK)[0]) + 1
    assert np.flatnonzero(cars.jump[:, 0]).tolist() == [0, put_back]
    assert cars.status[put_back, 0] == EpisodeStatus.PAUSE
    drove = np.isin(cars.status[:, 0], [EpisodeStatus.IN_PROGRESS, EpisodeStatus.OFF_TRACK])
    frames = scenes[0].views[0].frames
    assert [frame is not None for frame in frames] == drove.tolist()


def test_only_so_many_pictures_are_kept(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> None:
    rules = EvaluationSpec(track=TrackChoice(name=str(ring_file)), trials=1)

    result = evaluate(ring_model, one_action_checkpoint(0), rules, most_frames=7)

    assert sum(frame is not None for frame in result.frames) == 7
