"""What the checks of a tuning say: other seeds, and one value after another as it was before."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from racecraft.domain.sweep import Kind, Status, SweepResult

Told = Callable[[float], str]
"""A score, or a difference of two, with its unit."""


def about_checks(results: Sequence[SweepResult], told: Told) -> list[str]:
    """A sentence each; nothing where nothing was checked."""
    noise = _noise(results)
    sentences = _about_seeds(results, noise, told) + _about_values(results, noise, told)
    return sentences + [
        f"Training {each.trial.number}, {_purpose(each)}, failed and is left out: {each.problem}"
        for each in results
        if each.status is not Status.DONE and each.trial.kind not in (Kind.SEARCH, Kind.BASE)
    ]


def _about_seeds(results: Sequence[SweepResult], noise: float | None, told: Told) -> list[str]:
    """Whether the gain holds where nothing was chosen by its outcome."""
    base, best = _by_seed(results, Kind.CONFIRM_BASE), _by_seed(results, Kind.CONFIRM_BEST)
    seeds = [seed for seed in base if seed in best]
    if not seeds:
        return []
    gain = statistics.mean(best[seed] - base[seed] for seed in seeds)
    holds = noise is not None and gain > noise
    word = "seed" if len(seeds) == 1 else "seeds"
    return [
        f"With {len(seeds)} other {word} the best comes to "
        f"{' and '.join(told(best[seed]) for seed in seeds)}, the model's own training to "
        f"{' and '.join(told(base[seed]) for seed in seeds)}. "
        f"{'The gain holds' if holds else 'The gain does not hold for certain'}."
    ]


def _about_values(results: Sequence[SweepResult], noise: float | None, told: Told) -> list[str]:
    """What the best loses when one of its values is as before."""
    rivals = {each.trial.seed: each for each in _done(results, Kind.CONFIRM_BEST)}
    rows = []
    for each in _done(results, Kind.WITHOUT):
        rival, name = rivals.get(each.trial.seed), each.trial.without
        if rival is not None and name is not None:
            loss = (rival.score or 0.0) - (each.score or 0.0)
            rows.append((loss, name, rival.trial.values[name]))
    sentences = []
    for loss, name, value in sorted(rows, key=lambda row: (-row[0], row[1])):
        if noise is None:
            words = "made a difference that cannot be told from that of two seeds"
        elif loss > noise:
            words = f"helped: without it {told(loss)} are lost"
        elif loss < -noise:
            words = f"harmed: without it {told(-loss)} are won"
        else:
            words = "made no difference beyond that of two seeds"
        sentences.append(f"{name} = {value} {words}.")
    return sentences


def _noise(results: Sequence[SweepResult]) -> float | None:
    """Difference of two trainings that seeds alone seldom make; None with too few to tell.

    Twice the standard deviation of such a difference, which is sqrt(2) times that of one training,
    pooled over the model's own and the best.
    """
    groups = [
        list(_by_seed(results, kind).values()) for kind in (Kind.CONFIRM_BASE, Kind.CONFIRM_BEST)
    ]
    free = sum(max(len(group) - 1, 0) for group in groups)
    if free == 0:
        return None
    spread = sum((len(g) - 1) * statistics.variance(g) for g in groups if len(g) > 1)
    return 2.0 * math.sqrt(2.0) * math.sqrt(spread / free)


def _by_seed(results: Sequence[SweepResult], kind: Kind) -> dict[int, float]:
    return {each.trial.seed: each.score or 0.0 for each in _done(results, kind)}


def _done(results: Sequence[SweepResult], kind: Kind) -> list[SweepResult]:
    return [each for each in results if each.trial.kind is kind and each.status is Status.DONE]


def _purpose(result: SweepResult) -> str:
    trial = result.trial
    if trial.kind is Kind.WITHOUT:
        return f"the best without its {trial.without}"
    who = "the best" if trial.kind is Kind.CONFIRM_BEST else "the model's own"
    return f"{who} with seed {trial.seed}"
