"""What is kept of an evaluation beside the files that other tools know."""

from __future__ import annotations

import json
from pathlib import Path

from racecraft.domain.bots import BotSpec
from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.limit import LapLimit
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.evaluations import keep_request, laps_so_far, view_evaluation

STAMP = "20261123041500"
AMONG_BOTS = EvaluationSpec(
    trials=2, race=RaceSpec(type=RaceType.HEAD_TO_HEAD, bots=BotSpec(count=2))
)


def metrics(folder: Path, trials: int) -> None:
    path = folder / "metrics" / "evaluation" / f"evaluation-{STAMP}.json"
    path.parent.mkdir(parents=True)
    (folder / f"evaluation-{STAMP}").mkdir()
    rows = [
        {
            "trial": trial,
            "episode_status": "Lap complete",
            "elapsed_time_in_milliseconds": 20_000 + trial,
            "completion_percentage": 100,
            "reset_count": 0,
        }
        for trial in range(1, trials + 1)
    ]
    path.write_text(json.dumps({"metrics": rows, "version": 1.0}))


def test_overtakes_are_told_for_the_lap_in_which_they_were(tmp_path: Path) -> None:
    metrics(tmp_path, 2)
    keep_request(tmp_path, STAMP, AMONG_BOTS, 7, [0, 3])
    row = view_evaluation(tmp_path, STAMP)
    assert [trial.overtakes for trial in row.trials] == [0, 3]
    assert (row.iteration, row.evaluation) == (7, AMONG_BOTS)


def test_evaluations_that_told_no_overtakes_have_none(tmp_path: Path) -> None:
    metrics(tmp_path, 2)
    keep_request(tmp_path, STAMP, AMONG_BOTS, 7)
    path = tmp_path / f"evaluation-{STAMP}" / "evaluation.json"
    asked = json.loads(path.read_text())
    del asked["overtakes"]  # as older versions wrote it
    path.write_text(json.dumps(asked))
    row = view_evaluation(tmp_path, STAMP)
    assert [trial.overtakes for trial in row.trials] == [0, 0]
    assert row.iteration == 7


def test_laps_of_an_evaluation_under_way_stand_in_the_order_of_the_trials() -> None:
    laps = [
        {**Trial(trial, 20_000 + trial, 87.6, status).metrics_item, "overtakes": trial}
        for trial, status in ((3, EpisodeStatus.OFF_TRACK), (1, EpisodeStatus.LAP_COMPLETE))
    ]
    first, second = laps_so_far({"laps": laps})
    assert (first.trial, first.time_ms, first.status, first.overtakes) == (
        (1, 20_001, "Lap complete", 1)
    )
    assert (second.trial, second.status, second.completion_percent) == (3, "Off track", 87)
    assert laps_so_far({}) == []


def test_laps_are_told_over_the_limits_and_defects_are_no_records(tmp_path: Path) -> None:
    metrics(tmp_path, 3)  # 20.001, 20.002 and 20.003 s
    limit = LapLimit(limit_s=20.2042, own_limit_s=40.0, own_top_mps=1.0)  # times 0.99: 20.0021 s
    keep_request(tmp_path, STAMP, EvaluationSpec(), 7, limit=limit)
    row = view_evaluation(tmp_path, STAMP)
    assert row.limit == limit
    assert [trial.is_impossible for trial in row.trials] == [True, True, False]
    assert [trial.times_limit for trial in row.trials] == [0.99, 0.99, 0.99]
    assert row.trials[2].times_own_limit == 0.5
    assert (row.best_lap_ms, row.clean_laps) == (20_003, 1)


def test_evaluations_of_older_versions_know_no_limit(tmp_path: Path) -> None:
    metrics(tmp_path, 1)
    keep_request(tmp_path, STAMP, EvaluationSpec(), 7)
    path = tmp_path / f"evaluation-{STAMP}" / "evaluation.json"
    asked = json.loads(path.read_text())
    del asked["limit"]
    path.write_text(json.dumps(asked))
    row = view_evaluation(tmp_path, STAMP)
    assert row.limit is None
    assert row.trials[0].times_limit is None
    assert not row.trials[0].is_impossible
    assert row.best_lap_ms == 20_001
