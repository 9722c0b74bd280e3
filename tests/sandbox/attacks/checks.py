"""Assaults on the check that a person runs before a training."""

from __future__ import annotations

from tests.sandbox.attacks.assault import Assault, calls, inside, silent

SLOW_CHECKS = [
    Assault("is checked and loops for ever after the first steps", calls("""
        while params["steps"] > 3:
            pass
        return 1.0
    """)),
    Assault("is checked and loops for ever off the track", calls("""
        while not params["all_wheels_on_track"]:
            pass
        return 1.0
    """)),
    Assault("is checked and takes nearly too long each time", calls("""
        end = time.process_time() + 0.09
        while time.process_time() < end:
            pass
        return 1.0
    """, "import time")),
    Assault("is checked and fails slowly each time", calls("""
        end = time.process_time() + 0.09
        while time.process_time() < end:
            pass
        1 / 0
    """, "import time")),
    silent("is checked and sleeps a little each time", calls("""
        time.sleep(0.3)
        return 1.0
    """, "import time")),
    Assault("is checked and prints for ever", calls("""
        for _ in range(3000):
            print("\\x1b[2J" * 30)
        return params["speed"]
    """)),
    Assault("is checked with a text that is no text", "x = '\ud800'\n" + calls("return 1.0")),
    Assault("is checked with a text that cannot be read", "(" * 50000),
    Assault("is checked with signs without end", calls("return " + "-" * 90000 + "1")),
    Assault("is checked with names without end", calls("return " + "params." + "a." * 40000 + "b")),
]  # fmt: skip

FORGED_CHECKS = [
    Assault(f"answers a check with {name}", inside(f"""
        infinite, nan, nobody = float("inf"), float("nan"), [-1, None, 10**12, "x", 1.5]
        def forged(self, message):
            rows = len(message["cars"])
            return {{"rewards": packed(*[1.0] * rows), "seconds": packed(*[1e-6] * rows),
                    "faults": [], **{parts}}}
        sys.modules["racecraft.sandbox.evaluator"].Evaluator.answer = forged
        return 1.0
    """, """
struct = module("struct")
def packed(*values):
    return struct.pack(f"<{len(values)}d", *values)
"""))
    for name, parts in [
        ("one reward", "{'rewards': packed(1.0)}"),
        ("no reward", "{'rewards': b''}"),
        ("too many rewards", "{'rewards': packed(*range(rows * 3))}"),
        ("rewards that are no numbers", "{'rewards': packed(*[nan] * rows)}"),
        ("rewards without end", "{'rewards': packed(*[infinite, -infinite] * rows)}"),
        ("rewards that are text", "{'rewards': 'x' * 80}"),
        ("half a reward", "{'rewards': b'1234'}"),
        ("no times", "{'seconds': b''}"),
        ("too many times", "{'seconds': packed(*[1e-6] * 100000)}"),
        ("times without end", "{'seconds': packed(*[infinite, -infinite] * rows)}"),
        ("times that are no numbers", "{'seconds': packed(*[nan] * rows)}"),
        ("times that are too long", "{'seconds': packed(*[1.7e308] * rows)}"),
        ("times before they began", "{'seconds': packed(*[-1.0] * rows)}"),
        ("faults nowhere", "{'faults': [[n, n, '\\x1b[2J\\n' * 999] for n in nobody]}"),
        ("very many faults", "{'faults': [[0, n, 'It failed.'] for n in range(60000)]}"),
        ("faults without form", "{'faults': [1, [], [1, 2]]}"),
        ("a table of faults", "{'faults': {'x': 1}}"),
        ("an error without words", "{'error': 1}"),
        ("a made-up error", "{'error': 'x', 'message': 'iteration 7\\x1b[2J\\n' * 9999}"),
        ("nothing", "{'rewards': None, 'seconds': None, 'faults': None}"),
    ]
]  # fmt: skip

CHECKS = [*SLOW_CHECKS, *FORGED_CHECKS]
