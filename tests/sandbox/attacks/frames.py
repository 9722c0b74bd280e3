"""Assaults that send something else than an answer, or do not take what they are sent."""

from __future__ import annotations

from tests.sandbox.attacks.assault import (
    DIED,
    FORGE,
    NONSENSE,
    TOO_LONG,
    Assault,
    calls,
    forging,
    inside,
    silent,
)
from tests.sandbox.attacks.probe import PRELUDE

FRAMES = [
    Assault("sends junk", forging("send(b'junk' * 1000); time.sleep(9)"), NONSENSE),
    Assault("sends junk while it is loaded", PRELUDE + FORGE + "send(b'junk' * 1000)\n", NONSENSE),
    Assault("sends zeros", forging("send(bytes(10**6)); time.sleep(9)"), NONSENSE),
    Assault("announces two gigabytes", forging("send(b'\\xff\\xff\\xff\\x7f'); time.sleep(9)")
            , NONSENSE),
    Assault("announces four gigabytes and fills them", forging("""
        while True:
            send(b"\\xff" * 10**6)
    """), NONSENSE),
    silent("announces more than it sends", forging("""
        send(struct.pack("<I", 2 * 10**5) + bytes(1000))
        while True:
            time.sleep(0.01)
    """), TOO_LONG),
    silent("sends an answer byte by byte", forging("""
        send(struct.pack("<I", 10**5))
        while True:
            send(b"x")
            time.sleep(0.005)
    """), TOO_LONG),
    Assault("sends a deep nest", forging("send(frame(b'\\x91' * 10**6)); time.sleep(9)"), NONSENSE),
    Assault("sends a deep nest of tables", forging("send(frame(b'\\x81\\xa1x' * 3 * 10**5))"),
            NONSENSE),
    Assault("announces a list of four billion", forging("""
        send(frame(b"\\xdd\\xff\\xff\\xff\\xff" + b"\\xc0" * 1000))
    """), NONSENSE),
    Assault("sends a list of two million empty lists", forging("""
        send(frame(b"\\x81\\xa1x\\xdd" + struct.pack(">I", 2 * 10**6) + b"\\x90" * 2 * 10**6))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends a table of three hundred thousand", forging("""
        send(frame({str(n): None for n in range(200000)}))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends text that is no text", forging("""
        send(frame(b"\\x81\\xa7message\\xa3\\xff\\xfe\\xfd"))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends half a character", forging("""
        send(frame(b"\\x82\\xa5error\\xa1x\\xa7message\\xa3\\xed\\xa0\\x80"))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends moments of time and unknown kinds", forging("""
        send(frame(b"\\x82\\xa1x\\xc7\\x0c\\xff" + b"\\xff" * 12 + b"\\xa1y\\xd4\\x05x"))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends a list in place of a table", forging("send(frame([1, 2])); time.sleep(9)"),
            NONSENSE),
    Assault("sends an empty frame", forging("send(frame(b'')); time.sleep(9)"), NONSENSE),
    Assault("sends an empty table", forging("send(frame({})); time.sleep(9)"), NONSENSE),
    Assault("sends two answers", forging("send(reply() * 2); return 1.0")),
    Assault("sends a hundred answers", forging("send(reply() * 100); time.sleep(9)"), NONSENSE),
    Assault("sends the next answer early", forging("""
        if params["steps"] == 2:
            send(reply() * 3)
        return 1.0
    """), batches=5),
    Assault("answers for ever", forging("""
        while True:
            send(reply())
    """)),
    Assault("says that it is loaded and is not", PRELUDE + FORGE + """
send(frame({"loaded": True}))
while True:
    pass
""", TOO_LONG + "|" + NONSENSE),
    Assault("sends fewer rewards", forging("send(reply(rewards=bytes(8))); time.sleep(9)"),
            NONSENSE),
    Assault("sends more rewards", forging("send(reply(rewards=bytes(8000))); time.sleep(9)"),
            NONSENSE),
    Assault("sends no rewards", forging("send(reply(rewards=None)); time.sleep(9)"), NONSENSE),
    Assault("sends a list of rewards", forging("send(reply(rewards=[1] * 32)); time.sleep(9)"),
            NONSENSE),
    Assault("sends NaN", forging("""
        send(reply(rewards=struct.pack("<4d", *[float("nan")] * 4)))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends infinity", forging("""
        send(reply(rewards=struct.pack("<4d", *[float("inf")] * 4)))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends rewards that are too large", forging("""
        send(reply(rewards=struct.pack("<4d", *[-1e300] * 4)))
        time.sleep(9)
    """), NONSENSE),
    Assault("sends two million empty lines as printed", forging("""
        send(reply(printed=[[0, "\\n" * 2000000]]))
        return 1.0
    """)),
    Assault("sends very many printed pieces", forging("""
        send(reply(printed=[[n % 4, "\\x1b\\n"] for n in range(300000)]))
        return 1.0
    """)),
    Assault("sends printed pieces of all kinds", forging("""
        send(reply(printed=[1, None, [], [1], [2**63, "a"], [-2**63, "b"], ["0", "c"], [0, b"d"],
            [0.5, "e"], [True, "f"], [0, "SIM_TRACE_LOG:0\\u2028\\x1b[2J"], {"a": 1}, [[], []]],
            left_out=2**64 - 1))
        return 1.0
    """)),
    Assault("sends odd numbers of lines left out", forging("""
        send(reply(left_out=-5))
        return 1.0
    """)),
    Assault("sends a table in place of printed pieces", forging("""
        send(reply(printed={"x": 1}, left_out=[1.5]))
        return 1.0
    """)),
    Assault("sends a made-up error", forging("""
        send(frame({"error": "failed", "message": "\\x1b[2J\\niteration 7: \\u202e" * 9999}))
        time.sleep(9)
    """)),
    Assault("sends an error without words", forging("""
        send(frame({"error": None, "message": 10**18}))
        time.sleep(9)
    """)),
    Assault("sends an error with an empty text", forging("""
        send(frame({"error": "invalid", "message": ""}))
        time.sleep(9)
    """)),
    Assault("sends a made-up error while it is loaded", PRELUDE + FORGE + """
send(frame({"error": [1], "message": ["\\x1b[2J"], "line": "x", "printed": 5, "left_out": "y"}))
while True:
    pass
"""),
    silent("does not read while it is sent a lot", calls("time.sleep(1e9)", "import time"),
            TOO_LONG, batches=3, rows=15000, is_ahead=True),
    Assault("sends a lot and does not read", forging("""
        while True:
            send(struct.pack("<I", 2 * 10**6) + bytes(2 * 10**6))
    """), NONSENSE, batches=3, rows=15000, is_ahead=True),
    Assault("leaves in the middle of a large batch", inside("""
        os._exit(0)
    """), DIED, batches=3, rows=15000, is_ahead=True),
    silent("takes the next batch for itself", forging("""
        size = struct.unpack("<I", os.read(0, 4))[0]
        while size:
            size -= len(os.read(0, min(size, 65536)))
        return 1.0
    """), batches=3, is_ahead=True),
]  # fmt: skip
