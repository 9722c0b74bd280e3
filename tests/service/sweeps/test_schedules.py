"""What is tried next follows from the results, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from racecraft.domain.sweep import Kind, Method, Status, SweepResult, SweepSpec, SweepTrial
from racecraft.service.documents import checked
from racecraft.service.sweeps.reporting import findings
from racecraft.service.sweeps.schedules import Searching, Tuning, best_of
from racecraft.service.sweeps.study import importances, thresholds

SPACE = {
    "speed": {"low": 0.5, "high": 4.0},
    "rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "noise": ["a", "b", "c"],
}
Score = Callable[[SweepTrial], float]


def seconds_of(
    schedule: Callable[[Sequence[SweepResult]], Sequence[SweepTrial]],
) -> tuple[list[SweepResult], float]:
    """All results of a schedule, and how long its batches of ten seconds take."""
    results: list[SweepResult] = []
    seconds = 0.0
    while batch := schedule(results):
        results += [made(trial, by_speed(trial)) for trial in batch]
        seconds += 10.0
    return results, seconds


def failed(trial: SweepTrial) -> SweepResult:
    return SweepResult(
        trial=trial, status=Status.FAILED, model="m", problem="It was too dark.", took_s=10.0
    )


def spec_of(**fields: Any) -> SweepSpec:
    return checked(SweepSpec, {"space": SPACE, "trials": 24, "workers": 2} | fields)


def by_speed(trial: SweepTrial) -> float:
    """Best at 3 m/s; the rate matters a little, the noise not at all, the seed hardly."""
    speed = float(trial.values.get("speed", 1.0))
    rate = float(trial.values.get("rate", 1e-4))
    return 3.0 - abs(speed - 3.0) + 10 * rate + 0.001 * trial.seed


def play(
    schedule: Callable[[Sequence[SweepResult]], Sequence[SweepTrial]], score: Score = by_speed
) -> list[SweepResult]:
    """All results of a schedule, with a formula in the place of trainings."""
    results: list[SweepResult] = []
    while batch := schedule(results):
        results += [made(trial, score(trial)) for trial in batch]
    return results


def made(trial: SweepTrial, score: float, *, seconds: float = 10.0) -> SweepResult:
    return SweepResult(
        trial=trial, status=Status.DONE, model=f"m-{trial.number}", score=score,
        rungs=(score / 2, score), clean_share=1.0, training_s=seconds / 2, took_s=seconds,
    )  # fmt: skip


@pytest.mark.parametrize("method", [Method.TPE, Method.RANDOM])
def test_the_same_seed_proposes_the_same_and_another_seed_does_not(method: Method) -> None:
    first, again = (play(Searching(spec_of(method=method))) for _ in range(2))
    assert first == again
    other = play(Searching(spec_of(method=method, seed=1)))
    assert [each.trial.values for each in other] != [each.trial.values for each in first]


def test_trials_are_numbered_in_batches_until_all_are_made() -> None:
    results = play(Searching(spec_of(trials=7)))
    assert [each.trial.number for each in results] == [1, 2, 3, 4, 5, 6, 7]


def test_learning_from_results_finds_better_values_than_drawing_blindly() -> None:
    def tops(method: Method) -> float:
        found = [
            best_of(play(Searching(spec_of(method=method, trials=40, seed=seed))))
            for seed in range(5)
        ]
        return sum(each.score or 0.0 for each in found if each) / 5

    assert tops(Method.TPE) > tops(Method.RANDOM)


def test_a_grid_tries_everything_once() -> None:
    space = {"a": [1, 2, 3], "b": ["x", "y"]}
    spec = checked(SweepSpec, {"space": space, "method": "grid", "workers": 4, "trials": 100})
    values = [tuple(each.trial.values.values()) for each in play(Searching(spec), lambda _: 0.0)]
    assert values == [(1, "x"), (1, "y"), (2, "x"), (2, "y"), (3, "x"), (3, "y")]


def test_values_stay_within_their_range_with_four_digits() -> None:
    for each in play(Searching(spec_of())):
        speed, rate = each.trial.values["speed"], each.trial.values["rate"]
        assert 0.5 <= float(speed) <= 4.0
        assert 1e-4 <= float(rate) <= 1e-2
        assert rate == float(f"{float(rate):.4g}")


def test_a_grid_of_which_fewer_are_asked_for_says_so() -> None:
    space = {"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [0, 1, 2]}
    whole = checked(SweepSpec, {"space": space, "method": "grid"})
    results = play(Searching(whole), lambda _: 0.0)
    assert len(results) == 27
    assert "27 combinations" not in " ".join(findings(whole, results))
    some = checked(SweepSpec, {"space": space, "method": "grid", "trials": 20})
    said = findings(some, play(Searching(some), lambda _: 0.0))
    assert "Of the 27 combinations of the grid, 20 were tried." in said


def test_time_on_the_clock_ends_a_sweep_also_that_of_failures() -> None:
    # Two side by side for ten seconds each: six batches in a minute.
    assert len(play(Searching(spec_of(minutes=1.0)))) == 12

    def mostly_failing(trial: SweepTrial) -> SweepResult:
        return made(trial, 1.0) if trial.number == 1 else failed(trial)

    results: list[SweepResult] = []
    searching = Searching(spec_of(minutes=1.0, trials=10_000))
    while batch := searching(results):
        results += [mostly_failing(trial) for trial in batch]
    assert len(results) == 12


def test_a_search_ends_when_all_fail_from_the_beginning() -> None:
    results: list[SweepResult] = []
    searching = Searching(spec_of(minutes=1000.0, trials=10_000))
    while batch := searching(results):
        results += [failed(trial) for trial in batch]
    assert len(results) == 4
    assert findings(spec_of(), results) == [
        "None of the first 4 trainings came to its end, so no more were tried. The last one says: "
        "It was too dark."
    ]


def test_a_tuning_ends_when_the_base_fails() -> None:
    results: list[SweepResult] = []
    tuning = Tuning(spec_of(minutes=1000.0))
    while batch := tuning(results):
        results += [failed(trial) for trial in batch]
    assert [each.trial.kind for each in results] == [Kind.BASE]
    assert findings(spec_of(), results)[0].startswith("The model's own training did not come to")


def test_trainings_are_compared_with_the_median_of_earlier_ones() -> None:
    results = [made(SweepTrial(number=n), float(n)) for n in (1, 2, 3)]
    assert thresholds(results, 2) == []
    results.append(made(SweepTrial(number=4, kind=Kind.WITHOUT), 100.0))
    assert thresholds(results, 2) == []  # one for another purpose
    results.append(made(SweepTrial(number=5), 5.0))
    assert thresholds(results, 2) == [1.0, 2.0]


def test_what_mattered_is_told_from_what_did_not() -> None:
    shares = importances(spec_of(), play(Searching(spec_of(trials=60, method="random"))))
    assert next(iter(shares)) == "speed"
    assert shares["speed"] > 0.5
    assert importances(spec_of(), []) == {}


def test_a_tuning_tries_the_base_first_and_other_seeds_at_the_end() -> None:
    spec = spec_of()
    results = play(Tuning(spec))
    kinds = [each.trial.kind for each in results]
    assert kinds[0] is Kind.BASE
    assert kinds.count(Kind.SEARCH) == 24
    assert kinds[25:29] == [Kind.CONFIRM_BASE, Kind.CONFIRM_BEST] * 2
    assert {each.trial.seed for each in results[25:29]} == {1, 2}
    assert [each.trial.number for each in results] == list(range(1, len(results) + 1))
    without = [each.trial for each in results if each.trial.kind is Kind.WITHOUT]
    assert {each.without for each in without} == set(SPACE)
    assert all(each.without not in each.values and len(each.values) == 2 for each in without)


def test_a_tuning_says_what_helped_and_what_did_not() -> None:
    said = " ".join(findings(spec_of(), play(Tuning(spec_of()))))
    assert "The model's own training comes to 1.001 m/s" in said
    assert "The gain holds." in said
    assert "speed = " in said
    assert " helped: without it " in said
    assert "noise = " in said
    assert "made no difference" in said


def test_a_gain_by_luck_is_not_called_one() -> None:
    def lucky(trial: SweepTrial) -> float:
        return by_speed(trial) if trial.seed == 0 else 1.0

    said = " ".join(findings(spec_of(), play(Tuning(spec_of()), lucky)))
    assert "The gain does not hold for certain." in said


def with_failures(kind: Kind) -> list[SweepResult]:
    return [
        failed(each.trial) if each.trial.kind is kind else each for each in play(Tuning(spec_of()))
    ]


@pytest.mark.parametrize("kind", [Kind.CONFIRM_BASE, Kind.CONFIRM_BEST, Kind.WITHOUT])
def test_a_check_that_failed_is_told_and_counts_nothing(kind: Kind) -> None:
    results = with_failures(kind)
    said = " ".join(findings(spec_of(), results))
    assert "0.000 m/s" not in said
    assert ("The gain holds." in said) == (kind is Kind.WITHOUT)
    assert (" helped: " in said) == (kind is Kind.CONFIRM_BASE)
    assert " harmed: " not in said
    number = next(each.trial.number for each in results if each.trial.kind is kind)
    assert f"Training {number}, " in said
    assert "failed and is left out: It was too dark." in said


def test_a_gain_within_what_seeds_make_is_not_called_one() -> None:
    def noisy(trial: SweepTrial) -> float:
        if trial.seed == 0:
            return by_speed(trial)
        luck = 0.4 if trial.seed == 1 else -0.4
        return (2.1 if trial.values else 2.0) + (luck if trial.values else 0.9 * luck)

    said = " ".join(findings(spec_of(), play(Tuning(spec_of()), noisy)))
    assert "The gain does not hold for certain." in said
    assert "helped" not in said


def test_a_base_that_nothing_beats_is_told_and_checked_no_further() -> None:
    def own_is_best(trial: SweepTrial) -> float:
        return 1.0 if trial.values else 2.0

    results = play(Tuning(spec_of()), own_is_best)
    assert len(results) == 25
    assert "None of 24 trainings was better" in findings(spec_of(), results)[0]


def test_time_of_a_tuning_leaves_room_for_its_checks() -> None:
    results, seconds = seconds_of(Tuning(spec_of(minutes=2.0, trials=10_000)))
    searched = sum(each.trial.kind is Kind.SEARCH for each in results)
    # 72 of 120 seconds, the base among them, two side by side for ten seconds each.
    assert searched == 14
    assert sum(each.trial.kind is Kind.CONFIRM_BEST for each in results) == 2
    assert seconds <= 120.0


@pytest.mark.parametrize("minutes", [1.0, 1.5, 5.0, 15.0])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_tuning_keeps_to_its_time(minutes: float, workers: int) -> None:
    results, seconds = seconds_of(Tuning(spec_of(minutes=minutes, trials=10_000, workers=workers)))
    assert seconds <= 60.0 * minutes
    assert (
        any(each.trial.kind is Kind.CONFIRM_BEST for each in results)
        or "leave no time to look"
        in findings(spec_of(minutes=minutes, workers=workers), results)[0]
    )


def test_a_sweep_without_a_whole_training_says_why() -> None:
    failed = SweepResult(
        trial=SweepTrial(number=1), status=Status.FAILED, model="m", problem="It was too dark."
    )
    assert findings(spec_of(), [failed]) == [
        "No training came to its end. The last one says: It was too dark."
    ]
