"""What a reward function keeps, spoils, prints and waits for: cars side by side, step by step."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.errors import RewardFailed
from racecraft.domain.reward import COLUMN, COLUMNS, OBJECT_COLUMNS
from racecraft.sandbox.limits import Limits
from racecraft.sandbox.runner import RewardRunner
from racecraft.tracks.library import load_track

TRACK = load_track("thimble")


def drive(cars: int, steps: int, *, first: int = 2) -> tuple[NDArray, NDArray]:
    """Rows of several cars, step by step, and whose each row is."""
    table = np.zeros((steps * cars, len(COLUMNS)))
    table[:, COLUMN["steps"]] = first + np.repeat(np.arange(steps), cars)
    table[:, COLUMN["track_width_m"]] = 1.0
    return table, np.tile(np.arange(cars), steps)


@pytest.mark.parametrize(
    "source",
    [
        "count = 0\n"
        "def reward_function(params):\n"
        "    global count\n"
        "    if params['steps'] <= 2:\n"
        "        count = 0\n"
        "    count += 1\n"
        "    return count\n",
        "class Memory:\n"
        "    count = 0\n"
        "    def __call__(self, params):\n"
        "        Memory.count = 1 if params['steps'] == 2 else Memory.count + 1\n"
        "        return float(self.count)\n"
        "reward_function = Memory()\n",
        "def reward_function(params, seen=[]):\n"
        "    if params['steps'] <= 2:\n"
        "        seen.clear()\n"
        "    seen.append(params['steps'])\n"
        "    return len(seen)\n",
    ],
    ids=["global", "object", "default"],
)
def test_every_car_has_a_memory_of_its_own_that_sees_its_steps_in_order(source: str) -> None:
    table, cars = drive(5, 7)
    with RewardRunner(source, [TRACK], 5) as runner:
        first = runner.rewards(table[:15], cars[:15])
        rest = runner.rewards(table[15:], cars[15:])
        again = runner.rewards(table, cars)

    one_car = np.arange(1, 8).repeat(5)
    assert np.concatenate([first, rest]).tolist() == one_car.tolist()
    assert again.tolist() == one_car.tolist()


def test_what_was_submitted_is_there_after_finish_wherever_it_was_wanted() -> None:
    table, cars = drive(4, 3)
    wanted = np.zeros((3, 4))
    with RewardRunner("def reward_function(p):\n    return p['steps']", [TRACK], 4) as runner:
        for step in range(3):
            rows = slice(4 * step, 4 * step + 4)
            runner.submit(table[rows], cars[rows], wanted[step])
        runner.finish()
        runner.finish()

    assert wanted.tolist() == [[2.0] * 4, [3.0] * 4, [4.0] * 4]


def test_threads_may_submit_side_by_side_for_cars_of_their_own() -> None:
    source = "n = 0\ndef reward_function(p):\n    global n\n    n += 1\n    return n + p['speed']"
    table, cars = drive(40, 1)
    table[:, COLUMN["speed_mps"]] = cars / 100
    wanted = np.zeros((50, 40))
    with RewardRunner(source, [TRACK], 40) as runner, ThreadPoolExecutor(2) as pool:

        def work(lo: int) -> None:
            for step in range(50):
                rows = slice(lo, lo + 20)
                runner.submit(table[rows], cars[rows], wanted[step, rows])

        list(pool.map(work, (0, 20)))
        runner.finish()

    expected = np.arange(1, 51)[:, None] + np.arange(40) / 100
    assert wanted == pytest.approx(expected)


def test_far_more_than_a_pipe_holds_can_be_on_its_way() -> None:
    table, cars = drive(16, 2000)
    wanted = np.zeros(len(table))
    with RewardRunner("def reward_function(p):\n    return p['steps']", [TRACK], 16) as runner:
        for first in range(0, len(table), 320):
            rows = slice(first, first + 320)
            runner.submit(table[rows], cars[rows], wanted[rows])
        runner.finish()

    assert (wanted == table[:, COLUMN["steps"]]).all()


def test_a_function_that_spoils_its_inputs_spoils_only_its_own() -> None:
    source = (
        "def reward_function(params):\n"
        "    count = len(params['waypoints'])\n"
        "    assert type(params['waypoints']) is list\n"
        "    params['waypoints'].clear()\n"
        "    params['closest_waypoints'][0] = 7\n"
        "    params['objects_location'][0][0] = 99.0\n"
        "    params.clear()\n"
        "    return count\n"
    )
    table, cars = drive(2, 2)
    boxes = np.zeros((4, 1, len(OBJECT_COLUMNS)))
    with RewardRunner(source, [TRACK], 2) as runner:
        rewards = runner.rewards(table, cars, boxes)

    assert rewards.tolist() == [float(len(TRACK.centre))] * 4


def test_cars_on_different_tracks_are_told_about_their_own() -> None:
    other = load_track("pebble-oval", is_reversed=True)
    source = "def reward_function(p):\n    return -p['track_length'] if p['is_reversed'] else 1"
    table, cars = drive(4, 1)
    with RewardRunner(source, [TRACK, other], 4) as runner:
        rewards = runner.rewards(table, cars)

    assert rewards == pytest.approx([1.0, -other.length_m, 1.0, -other.length_m])


def test_random_numbers_do_not_depend_on_how_rows_are_shared_out() -> None:
    source = "import random\ndef reward_function(params):\n    return random.random()\n"
    table, cars = drive(8, 1)
    with RewardRunner(source, [TRACK], 8) as runner:
        together = runner.rewards(table, cars)
    with RewardRunner(source, [TRACK], 8) as runner:
        later = runner.rewards(table[4:], cars[4:])
        sooner = runner.rewards(table[:4], cars[:4])

    assert together.tolist() == [*sooner, *later]
    assert len(set(together.tolist())) == 8


def test_random_numbers_depend_on_the_states_alone() -> None:
    source = (
        "import random\nimport numpy as np\n"
        "def reward_function(params):\n    return random.random() + np.random.rand()\n"
    )
    table, cars = drive(3, 4)

    def rewards() -> list[float]:
        with RewardRunner(source, [TRACK], 3) as runner:
            return runner.rewards(table, cars).tolist()

    random.seed(1)
    first = rewards()
    random.seed(2)
    assert rewards() == first
    assert len(set(first)) > 6


def test_a_set_of_words_is_walked_through_in_the_same_order_in_every_process() -> None:
    source = (
        "words = list({'left', 'right', 'ahead', 'behind', 'slow', 'fast'})\n"
        "def reward_function(params):\n    return sum(i * len(w) for i, w in enumerate(words))\n"
    )
    found = set()
    for _ in range(4):
        with RewardRunner(source, [TRACK]) as runner:
            found.add(float(runner.rewards(*drive(1, 1))[0]))
    assert len(found) == 1


def test_what_is_printed_comes_with_car_episode_and_step(
    capfd: pytest.CaptureFixture[str],
) -> None:
    source = (
        "import logging, warnings, traceback\n"
        "print('loaded')\n"
        "def reward_function(params):\n"
        "    print('step', int(params['steps']), sep='=', end=';\\n')\n"
        "    if params['steps'] == 3:\n"
        "        logging.warning('odd')\n"
        "        try:\n"
        "            1 / 0\n"
        "        except ZeroDivisionError:\n"
        "            traceback.print_exc()\n"
        "    return 1.0\n"
    )
    table, cars = drive(2, 2)
    with RewardRunner(source, [TRACK], 2) as runner:
        runner.rewards(table, cars)
        first = runner.printed().splitlines()
        runner.rewards(table[:2], cars[:2])
        second = runner.printed().splitlines()
        assert runner.printed() == ""

    assert first[:5] == [
        "while loading: loaded",
        "while loading: loaded",
        "car 0, episode 1, step 2: step=2;",
        "car 0, episode 1, step 3: step=3;",
        "car 0, episode 1, step 3: WARNING:root:odd",
    ]
    assert "car 0, episode 1, step 3:     1 / 0" in first
    assert "car 1, episode 1, step 3: ZeroDivisionError: division by zero" in first
    assert second == ["car 0, episode 2, step 2: step=2;", "car 1, episode 2, step 2: step=2;"]
    assert capfd.readouterr() == ("", "")


def test_much_printed_text_is_cut_but_the_first_car_can_be_followed() -> None:
    source = "def reward_function(params):\n    print('x' * 50)\n    return 1.0\n"
    table, cars = drive(32, 40)
    with RewardRunner(source, [TRACK], 32) as runner:
        for first in range(0, len(table), 256):
            runner.rewards(table[first : first + 256], cars[first : first + 256])
        lines = runner.printed().splitlines()

    assert len("\n".join(lines)) < 130_000
    followed = [line for line in lines if line.startswith("car 0,")]
    assert len(followed) == 40
    kept = len(lines) - 1
    assert lines[-1] == f"{len(table) - kept:,} more printed lines were left out"


def test_lost_lines_are_counted_in_lines_and_empty_writes_cost_nothing() -> None:
    source = (
        "def reward_function(params):\n"
        "    for _ in range(2000):\n"
        "        print('', end='')\n"
        "        print(1, 2, 3)\n"
        "    return 1.0\n"
    )
    with RewardRunner(source, [TRACK]) as runner:
        runner.rewards(*drive(1, 1))
        lines = runner.printed().splitlines()

    assert lines[0] == "car 0, episode 1, step 2: 1 2 3"
    # The line at which the room ended may be there in part.
    left_out = int(lines[-1].partition(" more printed lines")[0].replace(",", ""))
    assert left_out - (2000 - (len(lines) - 1)) in (0, 1)


def test_the_line_is_told_also_when_more_was_submitted_meanwhile() -> None:
    source = (
        "def reward_function(params):\n"
        "    print('begins')\n"
        "    while True:\n"
        "        try:\n"
        "            while True: pass\n"
        "        except BaseException: pass\n"
    )
    table, cars = drive(1, 1)
    limits = Limits(call_s=0.05)
    with RewardRunner(source, [TRACK], limits=limits) as runner:
        runner.submit(table, cars, np.zeros(1))
        time.sleep(0.6)  # by now the process has answered and ended
        runner.submit(table, cars, np.zeros(1))
        with pytest.raises(RewardFailed, match=r"took too long in line [456]") as caught:
            runner.finish()

    assert "begins" in caught.value.printed


def test_episodes_are_counted_from_one_also_when_a_training_goes_on() -> None:
    source = "def reward_function(params):\n    print('here')\n    return 1.0\n"
    first, cars = drive(2, 2, first=57)
    with RewardRunner(source, [TRACK], 2) as runner:
        runner.rewards(first, cars)
        runner.rewards(*drive(2, 1))
        places = [line.partition(": ")[0] for line in runner.printed().splitlines()]

    assert places[:3] == [
        "car 0, episode 1, step 57",
        "car 0, episode 1, step 58",
        "car 0, episode 2, step 2",
    ]


def test_control_characters_and_forged_lines_reach_no_log() -> None:
    source = (
        "def reward_function(params):\n"
        "    print('\\x1b[2Jhello\\niteration 7: forged\\u2028next\\rlast')\n"
        "    return 1.0\n"
    )
    with RewardRunner(source, [TRACK]) as runner:
        runner.rewards(*drive(1, 1))
        lines = runner.printed().splitlines()

    assert [line.partition(": ")[0] for line in lines] == ["car 0, episode 1, step 2"] * 4
    assert all(line.isprintable() for line in lines)


def test_a_call_that_does_not_end_is_told_with_its_line() -> None:
    source = "def reward_function(params):\n    n = 0\n    while True:\n        n += 1\n"
    limits = Limits(call_s=0.1)
    with (
        RewardRunner(source, [TRACK], limits=limits) as runner,
        pytest.raises(RewardFailed, match=r"took too long in line [34].*the inputs were steps 2"),
    ):
        runner.rewards(*drive(1, 1))


def test_a_process_that_dies_is_started_anew_once() -> None:
    source = (
        "import random\nlast = 0\n"
        "def reward_function(params):\n"
        "    global last\n"
        "    last += 1\n"
        "    if params['steps'] == 4 and last > 2:\n"
        "        random._os._exit(7)\n"
        "    return params['steps']\n"
    )
    table, cars = drive(1, 4)
    with RewardRunner(source, [TRACK]) as runner:
        runner.rewards(table[:2], cars[:2])
        assert runner.rewards(table[2:], cars[2:]).tolist() == [4.0, 5.0]
        assert "was started anew" in runner.printed()
        runner.rewards(table[:2], cars[:2])
        with pytest.raises(RewardFailed, match=r"ended its process .*\(exit code 7\)"):
            runner.rewards(table[2:], cars[2:])
        with pytest.raises(RewardFailed, match="ended its process"):
            runner.rewards(table, cars)


def test_many_processes_leave_no_file_descriptor_open() -> None:
    from pathlib import Path

    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    for _ in range(5):
        with RewardRunner("def reward_function(p):\n    return 1", [TRACK]) as runner:
            runner.rewards(*drive(1, 1))
    assert count() == before
