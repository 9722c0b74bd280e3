"""Is a reward function fit for training? Everything that can be said within a second.

The text is read, loaded and called in one locked process; this side draws the states, words the
findings, and believes nothing that comes back without looking at it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidReward
from racecraft.domain.race import RaceType
from racecraft.domain.track import Track
from racecraft.sandbox import answers
from racecraft.sandbox.channel import PROCESS_FAULTS, Channel, open_channel, sentence, told
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.inline import InlineChannel
from racecraft.sandbox.limits import Limits
from racecraft.sandbox.runner import load_message
from racecraft.sandbox.states import FIRST_STEP, Scene, scenes

LIMITS = Limits(call_s=0.5, reply_s=10.0, load_s=20.0)
"""Tighter than in a training: somebody waits for the answer."""
SLOW_MS, VERY_SLOW_MS = 0.3, 1.5
"""Milliseconds of a call from which a training waits for rewards, and waits long."""
TRIAL_S = 5.0
"""Longest time for all calls of a check together."""
_ANSWER_S = 2.0
"""For an answer to come, on a machine that is busy."""
_MAX_FAULTS = 3


@dataclass(frozen=True)
class RewardCheck:
    """What a check found."""

    findings: tuple[Finding, ...]
    """The worst first, then by line."""
    calls: int = 0
    """States in which the function was called."""
    call_ms: float | None = None
    """Mean time of a call, milliseconds."""
    lowest: float | None = None
    """Smallest reward of all calls."""
    highest: float | None = None
    """Largest reward of all calls."""

    @property
    def is_usable(self) -> bool:
        """A training may start with it."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


@dataclass(frozen=True)
class _Trial:
    """What came back from calling the function in some scenes."""

    scenes: list[Scene]
    found: list[answers.Tried]
    """One a scene, as far as it went; the last one may be cut short."""

    @property
    def is_whole(self) -> bool:
        """Every call was made and gave a reward."""
        if len(self.found) < len(self.scenes):
            return False
        pairs = zip(self.scenes, self.found, strict=True)
        return all(len(tried.rewards) == len(scene.rows) for scene, tried in pairs) and not any(
            tried.faults for tried in self.found
        )

    @property
    def faults(self) -> list[tuple[Scene, int | None, str]]:
        """Every failure: where, in which line, and what it was."""
        pairs = zip(self.scenes, self.found, strict=False)
        return [(scene, line, text) for scene, tried in pairs for line, text in tried.faults]

    @property
    def rewards(self) -> NDArray[np.float64]:
        """All rewards that are numbers."""
        rewards: NDArray[np.float64] = np.concatenate([tried.rewards for tried in self.found])
        return rewards[np.isfinite(rewards)]

    def met_in(self, race_type: RaceType) -> _Trial:
        """The part that can come up in such races."""
        pairs = [
            (scene, tried)
            for scene, tried in zip(self.scenes, self.found, strict=False)
            if scene.objects is None or race_type.has_objects
        ]
        is_cut = len(self.found) < len(self.scenes)
        all_scenes = self.scenes if is_cut else [scene for scene, _ in pairs]
        return _Trial(all_scenes, [tried for _, tried in pairs])

    @property
    def later_seconds(self) -> NDArray[np.float64]:
        """The same without the first call of each copy, which may set things up; never empty."""
        later = np.concatenate([tried.seconds[1:] for tried in self.found])
        return later if len(later) else self.seconds

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Times of all calls."""
        return np.concatenate([tried.seconds for tried in self.found])


def check_reward(
    source: str,
    track: Track,
    *,
    race_type: RaceType = RaceType.TIME_TRIAL,
    limits: Limits = LIMITS,
) -> RewardCheck:
    """Check a reward function.

    Args:
        source: the user's text.
        track: where it is going to be used.
        race_type: what else will be on the track.
        limits: what the user's code may spend.

    Returns:
        Findings; nothing that the text holds or does can raise.
    """
    try:
        channel = open_channel(source, limits, reads=True)
    except InvalidReward as error:
        return _sorted([_error(str(error))])
    except PROCESS_FAULTS as fault:
        return _sorted([_error(f"The reward function {told(fault, 'before it was read')}")])
    try:
        return check_in(channel, source, track, race_type=race_type, limits=limits)
    finally:
        channel.close()


def check_in(
    channel: Channel | InlineChannel,
    source: str,
    track: Track,
    *,
    race_type: RaceType,
    limits: Limits,
) -> RewardCheck:
    """The part of a check behind the lock; `check_reward` opens a channel for each text."""
    read: list[Finding] = []
    place = "while it was read"
    try:
        reply = channel.ask({"do": "read", "source": source}, limits.reply_s)
        if "error" in reply:
            return _sorted([_failure(reply)])
        read = answers.findings(reply)
        place = "while it was loaded"
        all_scenes = scenes(track)
        # The first steps come twice, forwards and backwards: what is kept must not matter there.
        again = _turned(next(scene for scene in all_scenes if scene.name == FIRST_STEP))
        loaded = channel.ask(_load(source, track, [*all_scenes, again]), limits.reply_s)
        if "error" in loaded:
            is_told = any(finding.severity is Severity.ERROR for finding in read)
            return _sorted([*read, *([] if is_told else [_failure(loaded)])])
        place = "while it was tried"
        trial = _tried(channel, [*all_scenes, again], limits)
        met = trial.met_in(race_type)
    except PROCESS_FAULTS as fault:
        return _sorted([*read, _error(f"The reward function {told(fault, place)}")])
    findings = [*read, *_fault_findings(trial, race_type, read)]
    rewards, seconds = met.rewards, trial.seconds
    if met.is_whole:
        findings += _about_rewards(met)
    if len(seconds):
        findings += _about_time(trial.later_seconds)
    check = _sorted(findings)
    return RewardCheck(
        check.findings,
        calls=len(seconds),
        call_ms=float(trial.later_seconds.mean() * 1e3) if len(seconds) else None,
        lowest=float(rewards.min()) if len(rewards) else None,
        highest=float(rewards.max()) if len(rewards) else None,
    )


def _turned(scene: Scene) -> Scene:
    return Scene(scene.name, scene.rows[::-1].copy())


def _load(source: str, track: Track, all_scenes: list[Scene]) -> dict[str, Any]:
    """Every scene has a copy of the user's module."""
    direction = [int(scene.is_reversed) for scene in all_scenes]
    return load_message(source, [track, track.reversed()], direction)


def _tried(channel: Channel | InlineChannel, all_scenes: list[Scene], limits: Limits) -> _Trial:
    """Call the function in every scene, until it has failed for good or taken too long."""
    found: list[answers.Tried] = []
    end = time.monotonic() + TRIAL_S
    for car, scene in enumerate(all_scenes):
        left_s = max(end - time.monotonic(), 0.0)
        message: dict[str, Any] = {
            "do": "try",
            "rows": scene.rows.tobytes(),
            "cars": [car] * len(scene.rows),
            "seconds": left_s,
        }
        if scene.objects is not None:
            message["objects"] = scene.objects.tobytes()
        # The process looks at its time after each call, and its answer takes time, too.
        reply = channel.ask(message, min(limits.reply_s, left_s + limits.call_s + _ANSWER_S))
        found.append(answers.tried(reply, len(scene.rows)))
        if len(found[-1].rewards) < len(scene.rows):
            break
    return _Trial(all_scenes, found)


def _failure(reply: dict[str, Any]) -> Finding:
    """What kept the locked process from answering."""
    return _error(sentence(reply), answers.place(reply.get("line")))


def _fault_findings(trial: _Trial, race_type: RaceType, read: list[Finding]) -> list[Finding]:
    """One finding for each line that failed, with the first state in which it did."""
    known = {finding.line for finding in read if finding.severity is Severity.ERROR}
    findings: list[Finding] = []
    lines: set[tuple[int | None, bool]] = set()
    for scene, line, text in trial.faults:
        is_elsewhere = scene.objects is not None and not race_type.has_objects
        is_told = bool(lines & {(line, False), (line, is_elsewhere)})
        lines.add((line, is_elsewhere))
        if is_told or line in known or len(findings) >= _MAX_FAULTS:
            continue
        severity = Severity.HINT if is_elsewhere else Severity.ERROR
        findings.append(Finding(severity, f"It failed {scene.name}. {text}", line))
    return findings


def _about_rewards(trial: _Trial) -> list[Finding]:
    """What the numbers themselves tell."""
    findings = []
    rewards = trial.rewards
    numbers = [scene.name for scene in trial.scenes]
    first = trial.found[numbers.index(FIRST_STEP)].rewards
    again = trial.found[-1].rewards[::-1]
    if not rewards.any():
        return [
            _error(
                f"It returned 0 in all {len(rewards)} states; a car can learn nothing from it. "
                "Return more for what the car should do."
            )
        ]
    if rewards.min() == rewards.max():
        findings.append(
            _warning(
                f"It returned {rewards[0]:g} in all {len(rewards)} states; a car can only learn "
                "to last long from it. Return more for what the car should do."
            )
        )
    lap = trial.found[0].rewards
    if lap.mean() < 0.0:
        findings.append(
            _warning(
                f"A lap along the centre line costs {-lap.mean():.3g} a step; while driving costs "
                "something, leaving the track at once is the cheapest. Pay a little more than 0 "
                "for good steps."
            )
        )
    if (first != again).any():
        findings.append(
            Finding(
                Severity.HINT,
                "The same first step of an episode was not worth the same twice: the reward "
                "depends on chance, or on what was driven before. If that is not meant, set what "
                'the function keeps back when params["steps"] is 2 or less.',
            )
        )
    return findings


def _about_time(seconds: NDArray[np.float64]) -> list[Finding]:
    mean_ms = float(seconds.mean() * 1e3)
    if mean_ms < SLOW_MS:
        return []
    sentence = (
        f"A call takes {mean_ms:.2g} ms on average, so 10,000 steps of training take at least "
        f"{10 * mean_ms:.2g} s; do once what need not be done in every step, and look at fewer "
        "waypoints."
    )
    return [_warning(sentence) if mean_ms >= VERY_SLOW_MS else Finding(Severity.HINT, sentence)]


def _sorted(findings: list[Finding]) -> RewardCheck:
    order = list(Severity)
    return RewardCheck(
        tuple(sorted(findings, key=lambda f: (order.index(f.severity), f.line or 0, f.column or 0)))
    )


def _error(sentence: str, line: int | None = None) -> Finding:
    return Finding(Severity.ERROR, sentence, line)


def _warning(sentence: str) -> Finding:
    return Finding(Severity.WARNING, sentence)
