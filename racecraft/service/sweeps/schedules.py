"""What comes when: the trials of a sweep, and those of a tuning with its checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from racecraft.domain.sweep import Kind, Scalar, Status, SweepResult, SweepSpec, SweepTrial
from racecraft.service.sweeps.running import ranked
from racecraft.service.sweeps.study import Search, as_trials, importances

CONFIRMING_SEEDS = 2
MOST_FAILURES = 3
"""Trainings that may fail, if none before them came to its end, until no more are started."""
_SEARCH_SHARE = 0.6
"""Of a tuning's time; the rest shows whether the gain is real and where it comes from."""


@dataclass
class Stopwatch:
    """Time on the clock: that of batches one after the other, each as long as its longest training.

    It is read from results, so that a sweep that goes on counts as one that was not cut short.
    """

    used_s: float = 0.0
    _seen: int = 0

    def look(self, results: Sequence[SweepResult]) -> None:
        """Count the batch that ended since the last look, if one did."""
        batch = results[self._seen :]
        self.used_s += max((each.took_s for each in batch), default=0.0)
        self._seen = len(results)


@dataclass
class Searching:
    """The schedule of a sweep: batches until trials or time are used up."""

    spec: SweepSpec
    ends_s: float = field(init=False)
    """No training is started after this time."""
    _search: Search = field(init=False)
    _clock: Stopwatch = field(default_factory=Stopwatch)
    _size: int = 0

    def __post_init__(self) -> None:
        self._search = Search(self.spec)
        self.ends_s = _whole_s(self.spec)

    def __call__(self, results: Sequence[SweepResult]) -> list[SweepTrial]:
        """The next batch."""
        self._clock.look(results)
        if self._clock.used_s >= self.ends_s or nothing_works(results):
            return []
        last = list(results[len(results) - self._size :]) if self._size else []
        values = self._search.next_values(last)
        self._size = len(values)
        return as_trials(values, first=1 + len(results), seed=self.spec.seed)


@dataclass
class Tuning:
    """The schedule of a tuning: the base, a search, other seeds, and one value after another back.

    The best of many trials looks better than it is, for it was also the luckiest; so base and
    best are trained again with seeds that nothing was chosen by.
    """

    spec: SweepSpec
    _stage: str = "base"
    _searching: Searching = field(init=False)
    _clock: Stopwatch = field(default_factory=Stopwatch)
    _left: list[SweepTrial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._searching = Searching(self.spec)

    def __call__(self, results: Sequence[SweepResult]) -> list[SweepTrial]:
        """The next batch."""
        self._clock.look(results)
        if self._stage == "base":
            self._stage = "search"
            return [SweepTrial(number=1, kind=Kind.BASE, seed=self.spec.seed)]
        if results[0].status is Status.FAILED:
            return []
        if self._stage == "search":
            self._searching.ends_s = search_s(self.spec, results[0].took_s)
            found = self._searching(results[1:])
            if found:
                return [each.model_copy(update={"number": each.number + 1}) for each in found]
            self._stage = "checks"
            self._left = self._checks(results)
        if not self._left or self._is_time_up(results[0].took_s):
            return []
        count = self.spec.workers
        batch, self._left = self._left[:count], self._left[count:]
        return batch

    def _is_time_up(self, base_s: float) -> bool:
        """Other seeds are always tried; without them nothing could be said."""
        if self._left[0].kind is not Kind.WITHOUT:
            return False
        return self._clock.used_s + base_s > _whole_s(self.spec)

    def _checks(self, results: Sequence[SweepResult]) -> list[SweepTrial]:
        best = best_of(results)
        if best is None or best.trial.kind is Kind.BASE:
            return []
        values, seeds = best.trial.values, range(self.spec.seed + 1, self.spec.seed + 1000)
        shares = importances(self.spec, results)
        names = sorted(values, key=lambda name: (-shares.get(name, 0.0), name))
        plans: list[tuple[Kind, dict[str, Scalar], int, str | None]] = [
            (kind, found, seed, None)
            for seed in seeds[:CONFIRMING_SEEDS]
            for kind, found in ((Kind.CONFIRM_BASE, {}), (Kind.CONFIRM_BEST, values))
        ]
        plans += [
            (Kind.WITHOUT, {k: v for k, v in values.items() if k != name}, seeds[0], name)
            for name in names
            if len(values) > 1
        ]
        return [
            SweepTrial(
                number=len(results) + place, kind=kind, values=dict(found), seed=seed, without=name
            )
            for place, (kind, found, seed, name) in enumerate(plans, start=1)
        ]


def best_of(results: Sequence[SweepResult]) -> SweepResult | None:
    """The best whole training that was searched for, the base among them."""
    return next(iter(ranked(results)), None)


def search_s(spec: SweepSpec, base_s: float) -> float:
    """Seconds after the base's training in which a tuning may start others; none if 0 or less.

    Args:
        spec: what is tuned.
        base_s: how long the base's training took; one that is started last, and those with other
            seeds, take about as long and are to fit as well.
    """
    confirming_s = math.ceil(2 * CONFIRMING_SEEDS / spec.workers) * base_s
    whole_s = _whole_s(spec)
    return min(_SEARCH_SHARE * whole_s, whole_s - confirming_s - base_s) - base_s


def nothing_works(results: Sequence[SweepResult]) -> bool:
    """Whether so many failed from the beginning that the next would, too."""
    failures = sum(each.status is Status.FAILED for each in results)
    return failures >= MOST_FAILURES and failures == len(results)


def _whole_s(spec: SweepSpec) -> float:
    return math.inf if spec.minutes is None else 60.0 * spec.minutes
