"""Every checkpoint drives the same laps, and the best comes first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import Conflict, InvalidInput, NotFound, StorageFailed
from racecraft.domain.limit import LapLimit
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.archives.export import export_model
from racecraft.service.archives.importing import check_archive, unpack_archive
from racecraft.service.evaluations import TrialRow, list_evaluations
from racecraft.service.pictures import Pictures
from racecraft.service.rankings import (
    RankedCheckpoint,
    Ranking,
    keep_ranking,
    list_rankings,
    view_ranking,
)
from racecraft.service.settings import Settings
from racecraft.service.worker import evaluate_model, rank_model
from tests.interfaces.test_rest_archives import LAPS, trained

__all__ = ["trained"]


@pytest.fixture
def home(trained: Settings, tmp_path: Path) -> Settings:
    """A home of one's own with the model."""
    shutil.copytree(trained.models / "car", tmp_path / "models" / "car")
    return Settings(home=tmp_path)


def quiet(ranking: Ranking) -> None:
    """Nothing is told."""


def a_checkpoint(iteration: int, *laps: tuple[int, float, int]) -> RankedCheckpoint:
    """With laps of so many milliseconds, so much of the way, and so often off the track."""
    rows = (
        TrialRow(
            trial=number,
            status="Lap complete" if far >= 100 else "Off track",
            time_ms=time_ms,
            completion_percent=far,
            off_track_count=off,
            reset_count=off,
        )
        for number, (time_ms, far, off) in enumerate(laps, start=1)
    )
    return RankedCheckpoint(iteration=iteration, trials=tuple(rows))


def test_clean_laps_count_first_then_how_far_then_the_median_time() -> None:
    clean = a_checkpoint(5, (9000, 100.0, 0), (8000, 100.0, 0), (12_000, 100.0, 0))
    slower = a_checkpoint(6, (9500, 100.0, 0), (9500, 100.0, 0), (9500, 100.0, 0))
    reset = a_checkpoint(4, (7000, 100.0, 1), (7000, 100.0, 0), (7000, 100.0, 0))
    short = a_checkpoint(3, (5000, 60.0, 1), (7000, 100.0, 0), (7000, 100.0, 0))
    never = a_checkpoint(2, (5000, 60.0, 3), (5000, 50.0, 3), (5000, 40.0, 3))
    again = a_checkpoint(1, (5000, 60.0, 3), (5000, 50.0, 3), (5000, 40.0, 3))
    found = sorted([never, again, slower, short, clean, reset], key=lambda each: each.order)
    assert [each.iteration for each in found] == [5, 6, 4, 3, 1, 2]
    assert (clean.best_lap_ms, clean.median_lap_ms, clean.clean_laps) == (8000, 9000, 3)
    assert (reset.complete_laps, reset.clean_laps, reset.off_track_count) == (3, 2, 1)
    assert (never.best_lap_ms, never.median_lap_ms) == (None, None)
    assert never.completion_percent == pytest.approx(50.0)


def test_a_lap_that_is_faster_than_physics_counts_for_nothing(tmp_path: Path) -> None:
    limit = LapLimit(limit_s=8.0, own_limit_s=9.0, own_top_mps=2.0)
    ranking = Ranking(stamp="20260131120000", evaluation=LAPS, asked=(1, 2))
    for iteration, lap_ms in ((1, 5000), (2, 12_000)):
        lap = Trial(1, lap_ms, 100.0, EpisodeStatus.LAP_COMPLETE)
        ranking = ranking.with_driven(iteration, [lap], limit)
    keep_ranking(tmp_path, ranking)
    best, other = view_ranking(tmp_path, ranking.stamp).checkpoints
    assert (best.iteration, best.clean_laps, best.best_lap_ms) == (2, 1, 12_000)
    assert best.trials[0].times_limit == pytest.approx(1.5)
    assert (other.iteration, other.clean_laps, other.best_lap_ms) == (1, 0, None)
    assert other.trials[0].is_impossible


def test_each_checkpoint_drives_what_it_drives_alone(home: Settings) -> None:
    counts: list[int] = []
    ranking = rank_model(
        home, "car", LAPS, (0, 1), on_driven=lambda each: counts.append(len(each.checkpoints))
    )
    assert counts == [1, 2]
    assert ranking.is_whole
    assert ranking == view_ranking(home.models / "car", ranking.stamp)
    assert list_evaluations(home.models / "car") == []
    for each in ranking.checkpoints:
        one = LAPS.model_copy(update={"checkpoint": str(each.iteration)})
        alone = evaluate_model(home, "car", one, pictures=Pictures.NONE)
        assert [row.time_ms for row in each.trials] == [trial.time_ms for trial in alone.trials]
        assert [row.completion_percent for row in each.trials] == [
            trial.completion_percent for trial in alone.trials
        ]
    text = ranking.csv_text().splitlines()
    assert len(text) == 3
    assert text[0].startswith("rank,iteration,laps,complete_laps,clean_laps,completion_percent")


def test_a_ranking_that_was_cut_short_keeps_what_it_has_and_goes_on(home: Settings) -> None:
    class Enough(Exception):
        pass

    def stop(ranking: Ranking) -> None:
        raise Enough

    with pytest.raises(Enough):
        rank_model(home, "car", LAPS, (0, 1), on_driven=stop)
    (cut,) = list_rankings(home.models / "car")
    assert ([each.iteration for each in cut.checkpoints], cut.is_whole) == ([0], False)

    other = LAPS.model_copy(update={"seed": 8})
    assert rank_model(home, "car", other, (1,), on_driven=quiet, resume=True).stamp != cut.stamp
    shutil.rmtree(home.models / "car" / "rankings")
    with pytest.raises(Enough):
        rank_model(home, "car", LAPS, (0, 1), on_driven=stop)
    (cut,) = list_rankings(home.models / "car")

    counts: list[int] = []
    whole = rank_model(
        home,
        "car",
        LAPS,
        (0, 1),
        on_driven=lambda r: counts.append(len(r.checkpoints)),
        resume=True,
    )
    assert (counts, whole.stamp) == ([2], cut.stamp)
    fresh = rank_model(home, "car", LAPS, (0, 1), on_driven=quiet)
    assert fresh.stamp != whole.stamp
    assert fresh.checkpoints == whole.checkpoints
    assert [each.stamp for each in list_rankings(home.models / "car")] == [fresh.stamp, whole.stamp]


def test_rankings_go_along_with_a_model(home: Settings, tmp_path: Path) -> None:
    made = rank_model(home, "car", LAPS, (1,), on_driven=quiet)
    archive = tmp_path / "car.zip"
    archive.write_bytes(b"".join(export_model(home.models / "car")))
    other = Settings(home=tmp_path / "other")
    folder = unpack_archive(other, archive, check_archive(archive))
    assert list_rankings(folder) == [made]


def test_what_cannot_be_ranked_or_read_is_a_sentence(home: Settings) -> None:
    folder = home.models / "car"
    with pytest.raises(NotFound, match="no checkpoint 99"):
        rank_model(home, "car", LAPS, (99,), on_driven=quiet)
    assert list_rankings(folder) == []
    for odd in ("20260101000000", "../model", "x"):
        with pytest.raises(NotFound, match="no ranking"):
            view_ranking(folder, odd)
    place = folder / "rankings" / "20260101000000.json"
    place.parent.mkdir()
    place.write_text('{"stamp": 1}')
    with pytest.raises(StorageFailed, match="damaged"):
        list_rankings(folder)


def test_a_ranking_asked_of_a_service_is_checked_before_it_waits(
    trained: Settings, tmp_path: Path
) -> None:
    from racecraft.domain.job import JobKind, JobStatus
    from racecraft.service.archives.exchange import import_for
    from racecraft.service.making import CHECKPOINT_S, EVALUATION_S, rank
    from racecraft.service.people.person import local_actor
    from racecraft.service.store import open_store

    settings = Settings(home=tmp_path)
    store = open_store(settings)
    actor = local_actor(store)
    archive = tmp_path / "car.zip"
    archive.write_bytes(b"".join(export_model(trained.models / "car")))
    model = import_for(store, settings, actor, archive).view.model
    ask = {"store": store, "settings": settings, "actor": actor, "model_id": model.id}
    with pytest.raises(NotFound, match="no checkpoint 7"):
        rank(**ask, fields={}, checkpoints=[0, 7])
    with pytest.raises(InvalidInput, match="No checkpoint is to drive"):
        rank(**ask, fields={}, checkpoints=[])
    with pytest.raises(NotFound, match="no track"):
        rank(**ask, fields={"track": {"name": "nowhere"}})
    job = rank(**ask, fields={"trials": 2, "seed": 5})
    assert (job.kind, job.status) == (JobKind.RANKING, JobStatus.QUEUED)
    assert job.planned_s == EVALUATION_S + 2 * CHECKPOINT_S
    assert job.request["checkpoints"] == [0, 1]
    wanted = EvaluationSpec.model_validate(job.request["evaluation"])
    assert (wanted.track, wanted.trials, wanted.seed) == (LAPS.track, 2, 5)
    with pytest.raises(Conflict, match="has a ranking that is QUEUED"):
        rank(**ask, fields={})
    store.close()
