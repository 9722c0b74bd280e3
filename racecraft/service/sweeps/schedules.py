"""What comes when: the trials of a sweep, and those of a tuning with its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from racecraft.domain.sweep import Kind, Scalar, SweepResult, SweepSpec, SweepTrial
from racecraft.service.sweeps.running import ranked, used_s
from racecraft.service.sweeps.study import Search, as_trials, importances

CONFIRMING_SEEDS = 2
_SEARCH_SHARE = 0.6
"""Of a tuning's time; the rest shows whether the gain is real and where it comes from."""


@dataclass
class Searching:
    """The schedule of a sweep: batches until trials or time are used up."""

    spec: SweepSpec
    time_share: float = 1.0
    first: int = 1
    """Number of the first trial."""
    _search: Search = field(init=False)
    _size: int = 0

    def __post_init__(self) -> None:
        self._search = Search(self.spec)

    def __call__(self, results: Sequence[SweepResult]) -> list[SweepTrial]:
        """The next batch."""
        if self.is_time_up(results):
            return []
        last = list(results[len(results) - self._size :]) if self._size else []
        values = self._search.next_values(last)
        self._size = len(values)
        return as_trials(values, first=self.first + len(results), seed=self.spec.seed)

    def is_time_up(self, results: Sequence[SweepResult]) -> bool:
        """Whether no more should be started."""
        minutes = self.spec.minutes
        if minutes is None:
            return False
        return used_s(results, self.spec.workers) >= 60.0 * minutes * self.time_share


@dataclass
class Tuning:
    """The schedule of a tuning: the base, a search, other seeds, and one value after another back.

    The best of many trials looks better than it is, for it was also the luckiest; so base and
    best are trained again with seeds that nothing was chosen by.
    """

    spec: SweepSpec
    _stage: str = "base"
    _searching: Searching = field(init=False)
    _searched: int = 0
    _left: list[SweepTrial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._searching = Searching(self.spec, time_share=_SEARCH_SHARE)

    def __call__(self, results: Sequence[SweepResult]) -> list[SweepTrial]:
        """The next batch."""
        if self._stage == "base":
            self._stage = "search"
            return [SweepTrial(number=1, kind=Kind.BASE, seed=self.spec.seed)]
        if self._stage == "search":
            found = self._searching(results[1:])
            if found:
                return [each.model_copy(update={"number": each.number + 1}) for each in found]
            self._stage = "checks"
            self._left = self._checks(results)
        if not self._left or self._is_time_up(results):
            return []
        count = self.spec.workers
        batch, self._left = self._left[:count], self._left[count:]
        return batch

    def _is_time_up(self, results: Sequence[SweepResult]) -> bool:
        """Other seeds are always tried; without them nothing could be said."""
        is_confirming = bool(self._left) and self._left[0].kind is not Kind.WITHOUT
        minutes = self.spec.minutes
        if minutes is None or is_confirming:
            return False
        return used_s(results, self.spec.workers) >= 60.0 * minutes

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
