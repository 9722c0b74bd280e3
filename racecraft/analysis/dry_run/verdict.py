"""What a dry run shows, in sentences: does driving well pay better than driving badly?

What a step earns on average is compared, not what a lap adds up to: a car drives on after a
lap, so an agent wants much from each of the next steps, and a slow lap adds up to more only
because it has more steps. Where the two disagree the sentences say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from racecraft.analysis.dry_run.laps import PaidLap
from racecraft.analysis.dry_run.lines import Speeds

SAME_SHARE = 0.02
"""Rewards that differ by less than this share of the larger one count as the same."""
TINY = 1e-9
MOST_STEPS_SHARE = 0.75
ONE_STEP_SHARE = 0.5
OTHER_TIME_SHARE = 0.05
"""Recorded laps whose times differ by less are as fast as each other."""
_FULL_SPEED = ("fast", "racing-line", "zigzag", "crash", "hit")


class Mark(StrEnum):
    """What a sentence means for the training."""

    GOOD = "good"
    """Driving well pays better."""
    BAD = "bad"
    """Driving badly pays as well, or better."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True)
class Judgement:
    """One comparison."""

    mark: Mark
    message: str
    """A whole sentence, or some: what was compared, both numbers, what it leads to."""
    subject: str = ""
    """What it is that pays too well where the mark is bad, in a word or two."""


@dataclass(frozen=True)
class _Failure:
    """Words for a way to fail."""

    subject: str
    instead: str
    where: str
    does: str
    does_not: str


_LEAVING = _Failure("leaving the track", "staying on it", "at the bend", "leaves it", "stays")
_HITTING = _Failure(
    "running into something",
    "going round it",
    "where the two part",
    "runs into what is in its way",
    "goes round it",
)


def judged(laps: Sequence[PaidLap], speeds: Speeds) -> tuple[Judgement, ...]:
    """Everything there is to say about the rewards of drawn and recorded laps.

    Args:
        laps: the drawn laps by their names, and any number of recorded ones.
        speeds: of the drawn laps.
    """
    drawn = {paid.lap.name: paid for paid in laps if not paid.lap.is_recorded}
    constant = _nothing_told(list(drawn.values()))
    if constant is not None:
        return (constant,)
    found = [
        _of_speed(drawn["fast"], drawn["slow"], speeds),
        _of_line(drawn["racing-line"], drawn["fast"]) if "racing-line" in drawn else None,
        _of_zigzag(drawn["zigzag"], drawn["fast"]) if "zigzag" in drawn else None,
        _of_failure(drawn["crash"], drawn["fast"], _LEAVING),
        _of_failure(drawn["hit"], drawn["fast"], _HITTING) if "hit" in drawn else None,
        *_of_spread(drawn),
        *_of_recorded([paid for paid in laps if paid.lap.is_recorded]),
    ]
    return tuple(judgement for judgement in found if judgement is not None)


def number(value: float) -> str:
    """A reward as people read it: three digits that count, whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def _better(value: float, other: float) -> int:
    """1 when the first is clearly more, -1 when clearly less, 0 when about the same."""
    gap = value - other
    if abs(gap) <= max(SAME_SHARE * max(abs(value), abs(other)), TINY):
        return 0
    return 1 if gap > 0 else -1


def _nothing_told(laps: Sequence[PaidLap]) -> Judgement | None:
    rewards = np.concatenate([paid.rewards for paid in laps])
    value = float(rewards[0])
    if np.ptp(rewards) > TINY * max(abs(value), 1.0):
        return None
    what = "nothing (0)" if value == 0.0 else f"the same ({number(value)})"
    learns = "A model cannot learn anything from that."
    if value > 0.0:
        learns = "A model learns to stay on the road from that, as slowly as it likes, no more."
    if value < 0.0:
        learns = "All that a model learns from that is to leave the road as soon as it can."
    return Judgement(
        Mark.BAD,
        f"All {len(rewards):,} steps of all drawn laps earn {what}: slow or fast, straight or "
        f"zigzag, on the road or off it. {learns}",
    )


def _of_speed(fast: PaidLap, slow: PaidLap, speeds: Speeds) -> Judgement | None:
    if speeds.fast_mps <= speeds.slow_mps:
        return None
    step = f"{number(fast.mean)} at {speeds.fast_mps:.3g} m/s, {number(slow.mean)} at "
    step += f"{speeds.slow_mps:.3g} m/s"
    adds_up = f"{number(slow.total)} against {number(fast.total)}"
    slow_adds_up_to_more = _better(slow.total, fast.total) > 0
    order = _better(fast.mean, slow.mean)
    if order > 0:
        text = f"Fast driving pays: a step earns {step}."
        if slow_adds_up_to_more:
            text += (
                f" The slow lap adds up to more ({adds_up}) only because it has more steps. A car "
                "drives on after a lap, so what each step earns decides."
            )
        return Judgement(Mark.GOOD, text)
    how = "Slow driving pays better than fast" if order < 0 else "Slow driving pays as well as fast"
    text = f"{how}: a step earns {step}"
    if slow_adds_up_to_more:
        text += f", and the slow lap adds up to more ({adds_up}) because it has more steps"
    return Judgement(Mark.BAD, f"{text}. Nothing tells the car to hurry.", "slow driving")


def _of_line(racing: PaidLap, centre: PaidLap) -> Judgement:
    numbers = f"{number(racing.mean)} a step against {number(centre.mean)}"
    order = _better(racing.mean, centre.mean)
    if order > 0:
        text = f"The racing line pays better than the centre line: {numbers}."
        return Judgement(Mark.GOOD, text)
    if order == 0:
        text = f"The racing line pays as much as the centre line: {numbers}."
        return Judgement(Mark.NOTE, text)
    text = f"The racing line pays less than the centre line: {numbers}. The car has no reason to "
    return Judgement(Mark.NOTE, f"{text}cut a bend.")


def _of_zigzag(zigzag: PaidLap, straight: PaidLap) -> Judgement:
    numbers = f"{number(zigzag.mean)} a step against {number(straight.mean)}"
    order = _better(straight.mean, zigzag.mean)
    if order > 0:
        return Judgement(Mark.GOOD, f"Zigzagging costs: {numbers} along the centre line.")
    how = "as well as" if order == 0 else "better than"
    text = f"Zigzagging pays {how} driving along the centre line at that speed: {numbers}."
    return Judgement(Mark.BAD, text, "zigzagging")


def _of_failure(failed: PaidLap, fast: PaidLap, words: _Failure) -> Judgement:
    """Compared where the two part: what still lies ahead on the road, and what does not."""
    count = min(len(failed.lap), len(fast.lap))
    apart = np.abs(failed.lap.points[:count] - fast.lap.points[:count]).max(axis=1) > 1e-6
    parting = max(int(np.argmax(apart)) - 1, 0)
    off, on = float(failed.returns[parting]), float(fast.returns[parting])
    numbers = (
        f"{words.where} a car that {words.does} has {number(off)} ahead, one that {words.does_not} "
        f"{number(on)}"
    )
    note = f"(a later step counts {fast.gamma:g} of the one before it)"
    order = _better(on, off)
    if order > 0:
        return Judgement(Mark.GOOD, f"{words.subject.capitalize()} costs: {numbers} {note}.")
    how = "as well as" if order == 0 else "better than"
    text = f"{words.subject.capitalize()} pays {how} {words.instead}: {numbers} {note}."
    if fast.mean < 0.0:
        text += " Where steps cost something, an early end is a way to pay less."
    return Judgement(Mark.BAD, text, words.subject)


def _of_spread(drawn: Mapping[str, PaidLap]) -> Iterator[Judgement]:
    """Rewards that are nearly always the same, or come all at once."""
    rewards = np.concatenate([drawn[name].rewards for name in _FULL_SPEED if name in drawn])
    values, counts = np.unique(np.round(rewards, 9), return_counts=True)
    share = counts.max() / len(rewards)
    if share >= MOST_STEPS_SHARE:
        value = number(float(values[counts.argmax()]))
        yield Judgement(
            Mark.NOTE,
            f"{int(100 * share)} % of the steps of the fast laps earn exactly {value}: the "
            "function says little about what is better there.",
        )
    fast = drawn["fast"].rewards
    step = int(np.abs(fast).argmax())
    if abs(fast[step]) > ONE_STEP_SHARE * np.abs(fast).sum():
        which = "the last" if step == len(fast) - 1 else f"number {step + 1} of {len(fast)}"
        yield Judgement(
            Mark.NOTE,
            f"{number(float(fast[step]))} of the {number(float(fast.sum()))} of a fast lap come in "
            f"one step, {which}: a model learns from it only once it gets there.",
        )


def _of_recorded(laps: Sequence[PaidLap]) -> Iterator[Judgement]:
    full = sorted((paid for paid in laps if paid.lap.is_complete), key=lambda paid: paid.lap.time_s)
    failed = [paid for paid in laps if not paid.lap.is_complete]
    if len(full) > 1 and full[-1].lap.time_s > (1 + OTHER_TIME_SHARE) * full[0].lap.time_s:
        ends = [f"{number(paid.mean)} a step in {paid.lap.time_s:.1f} s" for paid in full]
        mark = {1: Mark.GOOD, 0: Mark.NOTE, -1: Mark.BAD}[_better(full[0].mean, full[-1].mean)]
        yield Judgement(
            mark,
            f"Of the {len(full)} recorded full laps the fastest earns {ends[0]}, the slowest "
            f"{ends[-1]}.",
            "slow recorded laps",
        )
    if full and failed:
        good, bad = (float(np.mean([one.discounted for one in some])) for some in (full, failed))
        order = _better(good, bad)
        how = {1: "less than", 0: "as much as", -1: "more than"}[order]
        yield Judgement(
            Mark.GOOD if order > 0 else Mark.BAD,
            f"Recorded failures ({len(failed)}) have {how} full laps ({len(full)}) ahead of "
            f"them: {number(bad)} against {number(good)}.",
            "recorded failures",
        )
