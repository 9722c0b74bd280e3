"""What to try next, and which values mattered: Optuna behind a narrow seam."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from racecraft.domain.sweep import Kind, Method, Scalar, Span, Status, SweepResult, SweepSpec
from racecraft.domain.sweep import SweepTrial as Trial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

_LEAST_TO_LEARN_FROM = 4
"""Results before a training is compared with earlier ones, or values are called important."""


class Search:
    """Proposes trials from the results so far; the same results, the same proposals."""

    def __init__(self, spec: SweepSpec) -> None:
        self._spec = spec
        self._study = None if spec.method is Method.GRID else _study(spec)
        self._open: list[Any] = []
        self._proposed = 0

    def next_values(self, results: Sequence[SweepResult]) -> list[dict[str, Scalar]]:
        """Values of the next batch; empty when all trials were proposed.

        Args:
            results: of the trials of the batch before this one, in their order.
        """
        self._learn(results)
        count = min(self._spec.workers, self._spec.trials - self._proposed)
        if count <= 0:
            return []
        values = self._grid(count) if self._study is None else self._ask(count)
        self._proposed += len(values)
        return values

    def _grid(self, count: int) -> list[dict[str, Scalar]]:
        names = list(self._spec.space)
        lists: list[Any] = list(self._spec.space.values())
        found = itertools.product(*lists)
        rows = itertools.islice(found, self._proposed, self._proposed + count)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _ask(self, count: int) -> list[dict[str, Scalar]]:
        assert self._study is not None
        with _quietly():
            found = {name: _distribution(values) for name, values in self._spec.space.items()}
            self._open = [self._study.ask(fixed_distributions=found) for _ in range(count)]
        return [
            {name: _told(self._spec.space[name], value) for name, value in each.params.items()}
            for each in self._open
        ]

    def _learn(self, results: Sequence[SweepResult]) -> None:
        if self._study is None:
            return
        from optuna.trial import TrialState

        for trial, result in zip(self._open, results, strict=True):
            for place, value in enumerate(result.rungs):
                trial.report(value, place)
            if result.status is Status.DONE:
                self._study.tell(trial, result.score)
            elif result.status is Status.PRUNED and result.rungs:
                self._study.tell(trial, state=TrialState.PRUNED)
            else:
                self._study.tell(trial, state=TrialState.FAIL)
        self._open = []


def thresholds(results: Sequence[SweepResult], rungs: int) -> list[float]:
    """Scores below which a training ends at each rung: the median of those before it.

    Args:
        results: of earlier trials.
        rungs: how many there are.

    Returns:
        At most one for each rung; none while there is too little to compare with.
    """
    found: list[float] = []
    for rung in range(rungs):
        reached = sorted(
            each.rungs[rung]
            for each in results
            if each.trial.kind is Kind.SEARCH and len(each.rungs) > rung
        )
        if len(reached) < _LEAST_TO_LEARN_FROM:
            break
        found.append(reached[(len(reached) - 1) // 2])
    return found


def importances(spec: SweepSpec, results: Sequence[SweepResult]) -> dict[str, float]:
    """Share of what made good trials differ from the others, by name, the largest first.

    By PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023); empty when there is too little to say.
    """
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    done = [
        each for each in results if each.status is Status.DONE and each.trial.kind is Kind.SEARCH
    ]
    scores = {each.score for each in done}
    if len(done) < 2 * _LEAST_TO_LEARN_FROM or len(scores) < 2:
        return {}
    with _quietly():
        study = optuna.create_study(direction="maximize")
        found = {name: _distribution(values) for name, values in spec.space.items()}
        for each in done:
            values: dict[str, Any] = dict(each.trial.values)
            study.add_trial(
                optuna.trial.create_trial(params=values, distributions=found, value=each.score)
            )
        evaluator = PedAnovaImportanceEvaluator(target_quantile=0.25)
        shares = get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in shares.items() if share > 0}


def _study(spec: SweepSpec) -> Study:
    import optuna
    from optuna.samplers import RandomSampler, TPESampler

    with _quietly():
        sampler: Any = RandomSampler(seed=spec.seed)
        if spec.method is Method.TPE:
            blind = max(min(10, spec.trials // 3), 1)
            sampler = TPESampler(seed=spec.seed, n_startup_trials=blind, multivariate=True)
        return optuna.create_study(direction="maximize", sampler=sampler)


class _quietly(warnings.catch_warnings):  # noqa: N801 - reads as a word
    """Without Optuna's notes about what is new in it."""

    def __enter__(self) -> None:
        super().__enter__()
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore")


def _distribution(values: Span | tuple[Scalar, ...]) -> BaseDistribution:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if not isinstance(values, Span):
        return CategoricalDistribution(values)
    if values.integer:
        return IntDistribution(int(values.low), int(values.high), log=values.log)
    return FloatDistribution(values.low, values.high, log=values.log)


def _told(values: Span | tuple[Scalar, ...], value: Any) -> Scalar:
    """A proposal as it is trained with: four digits are enough for anybody to read."""
    if not isinstance(values, Span) or values.integer:
        found: Scalar = value
        return found
    return min(max(float(f"{value:.4g}"), values.low), values.high)


def as_trials(
    values: Sequence[dict[str, Scalar]], *, first: int, seed: int, kind: Kind = Kind.SEARCH
) -> list[Trial]:
    """Numbered trials for some values."""
    return [
        Trial(number=first + place, kind=kind, values=each, seed=seed)
        for place, each in enumerate(values)
    ]
