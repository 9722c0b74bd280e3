"""What can be said of a sweep before its first process starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING

from racecraft.domain.errors import InvalidSpec, RacecraftError
from racecraft.domain.sweep import Scalar, Span, SweepSpec, SweepTrial
from racecraft.service.sweeps.kept import LONGEST_NAME, model_of
from racecraft.service.sweeps.plans import plan_of

if TYPE_CHECKING:
    from racecraft.domain.spec import TrackChoice
    from racecraft.service.settings import Settings
    from racecraft.service.sweeps.rewards import Rewards

_MOST_TRIED = 500
"""Combinations with a value that does not fit alone."""


def check_plans(settings: Settings, name: str, spec: SweepSpec, rewards: Rewards) -> None:
    """See that every value of a sweep, and both ends of every range, fits in some training.

    A value that does not fit the base may fit together with others, so it is also tried with some
    of those; what is wrong with it alone is told.

    Args:
        settings: where tracks are.
        name: of the sweep.
        spec: what it tries.
        rewards: its reward functions.

    Raises:
        InvalidSpec: a name leads nowhere, or a value fits nowhere.
        TrackNotFound: there is no such track.
    """
    if len(name) > LONGEST_NAME:
        raise InvalidSpec(
            f"The name of the sweep, {name!r}, has {len(name)} letters; its models have a number "
            f"behind it, so choose one of at most {LONGEST_NAME} with --name."
        )
    tracks: set[TrackChoice] = set()
    space = {path: _ends(values) for path, values in spec.space.items()}
    for path, values in space.items():
        for value in values:
            first: RacecraftError | None = None
            for together in _combinations(space, path, value):
                try:
                    trial = SweepTrial(number=1, values=together, seed=spec.seed)
                    plan = plan_of(settings, spec, trial, name=model_of(name, 1), rewards=rewards)
                    _check_tracks(settings, plan.training.tracks, tracks)
                    break
                except RacecraftError as error:
                    first = first or error
            else:
                assert first is not None
                raise first


def _ends(values: Span | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    if not isinstance(values, Span):
        return values
    ends = (values.low, values.high)
    return tuple(int(end) for end in ends) if values.integer else ends


def _combinations(
    space: Mapping[str, tuple[Scalar, ...]], path: str, value: Scalar
) -> Iterator[dict[str, Scalar]]:
    """A value alone, then with the first, the second, … values of all others, then with any."""
    yield {path: value}
    for place in range(max(map(len, space.values()))):
        found = {each: values[place % len(values)] for each, values in space.items()}
        yield {**found, path: value}
    for row in islice(product(*space.values()), _MOST_TRIED):
        yield {**dict(zip(space, row, strict=True)), path: value}


def _check_tracks(
    settings: Settings, wanted: tuple[TrackChoice, ...], seen: set[TrackChoice]
) -> None:
    from racecraft.tracks.library import load_track

    for track in wanted:
        if track not in seen:
            load_track(track.name, is_reversed=track.is_reversed, folders=(settings.tracks,))
            seen.add(track)
