"""Random programs through the checker: it always has an answer, and soon."""

import time

import pytest

from racecraft.domain.race import RaceType
from racecraft.sandbox.channel import PROCESS_FAULTS, Channel
from racecraft.sandbox.check import RewardCheck, check_in, check_reward
from racecraft.sandbox.limits import Limits
from racecraft.tracks.library import load_track
from tests.sandbox.programs import program

TRACK = load_track("thimble")
LIMITS = Limits(call_s=0.05, reply_s=2.0, load_s=20.0)
EVERY_LIBRARY = "numpy math random itertools statistics collections functools"


def answer(channel: Channel, source: str) -> RewardCheck:
    return check_in(channel, source, TRACK, race_type=RaceType.TIME_TRIAL, limits=LIMITS)


def run(first: int, count: int) -> dict[str, int]:
    """Check programs one after the other in a locked process, a new one whenever it ends."""
    channel = None
    told = {"usable": 0, "refused": 0, "ended": 0}
    for seed in range(first, first + count):
        source = program(seed)
        if any("\ud800" <= character <= "\udfff" for character in source):
            continue
        channel = channel or Channel(EVERY_LIBRARY, LIMITS, reads=True)
        begin = time.perf_counter()
        result = answer(channel, source)
        assert time.perf_counter() - begin < 15.0, seed
        assert all(f.message and f.message.isprintable() for f in result.findings), seed
        ended = any("its process" in f.message or "stopped" in f.message for f in result.findings)
        told["ended" if ended else "usable" if result.is_usable else "refused"] += 1
        try:  # is it still there, and not spoilt by what it ran?
            channel.ask({"do": "read", "source": "x = 1"}, LIMITS.reply_s)
            is_spoilt = ended
        except PROCESS_FAULTS:
            is_spoilt = True
        if is_spoilt:
            channel.close()
            channel = None
    if channel is not None:
        channel.close()
    return told


def test_hundreds_of_random_programs_get_an_answer() -> None:
    told = run(0, 250)
    assert told["usable"] > 15
    assert told["refused"] > 60


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_a_hundred_thousand_random_programs_get_an_answer() -> None:
    told = run(1_000_000, 100_000)
    assert told["usable"] > 5_000


def test_random_programs_get_the_same_answer_in_a_process_of_their_own() -> None:
    for seed in range(5000, 5012):
        source = program(seed)
        result = check_reward(source, TRACK, limits=LIMITS)
        assert all(finding.message for finding in result.findings)
