"""Whole reward functions that break, drown or deceive their process, or the training behind it.

`message` is what the person must read when it ends in an error; where it is None, usable rewards
are as good an end as an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from tests.sandbox.attacks import PRELUDE


@dataclass(frozen=True)
class Assault:
    """One reward function that must not do harm."""

    name: str
    source: str
    message: str | None = None
    """Regular expression; None where rewards are as good an end."""
    batches: int = 2
    rows: int = 4
    """In a batch: enough to fill a pipe where that is what matters."""
    is_ahead: bool = False
    """Whether all batches are handed over before the first reward is asked for."""
    is_silent: bool = False
    """Whether only the clock on the wall can end it."""


TOO_LONG = r"took too long"
OUT_OF_MEMORY = r"MemoryError.*memory is limited|ended its process|memory was used up"
DIED = r"ended its process"
NONSENSE = r"sent back what is no reward"
NO_NUMBER = r"returned .*Return a number from"


def silent(name: str, source: str, message: str | None = TOO_LONG, **more: Any) -> Assault:
    """One that burns no processor time or cannot be interrupted, so that only a clock ends it."""
    return Assault(name, source, message, is_silent=True, **more)


def calls(body: str, before: str = "") -> str:
    """A reward function with this body."""
    lines = dedent(body).strip().splitlines()
    return f"{dedent(before)}\ndef reward_function(params):\n" + "".join(
        f"    {x}\n" for x in lines
    )


def inside(body: str, before: str = "") -> str:
    """The same, with the way around the guard of imports."""
    return calls(body, PRELUDE + dedent(before))


FORGE = """
import time
msgpack = sys.modules["msgpack"]
struct = module("struct")
def send(data):
    while data:
        data = data[os.write(1, data):]
def frame(message):
    body = message if isinstance(message, bytes) else msgpack.packb(message)
    return struct.pack("<I", len(body)) + body
def reply(**parts):
    return frame({"rewards": struct.pack("<4d", 1, 1, 1, 1), "printed": [], "left_out": 0, **parts})
"""


def forging(body: str) -> str:
    return inside(body, FORGE)


ENDLESS = [
    Assault("loops for ever", calls("while True:\n    pass"), TOO_LONG + ".*line 3"),
    Assault("loops for ever and catches everything", calls("""
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
    """), TOO_LONG),
    Assault("loops for ever in what cleans up", calls("""
        try:
            1 / 0
        finally:
            while True:
                continue
    """), TOO_LONG),
    Assault("loops for ever while it is loaded", "while True:\n    pass\n", TOO_LONG),
    Assault("loads for ever and catches everything", """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""", TOO_LONG),
    Assault("loops for ever in a third car only", calls("""
        while params['x'] > 0.2:
            pass
        return 1.0
    """), TOO_LONG),
    silent("sleeps for ever", calls("time.sleep(1e9)", "import time"), TOO_LONG),
    silent("sleeps for ever in small pieces", calls("""
        while True:
            time.sleep(0.001)
    """, "import time"), TOO_LONG),
    silent("sleeps for ever while it is loaded", "import time\ntime.sleep(1e9)", TOO_LONG),
    silent("waits for a lock of its own", inside("""
        lock = sys.modules["_thread"].allocate_lock()
        lock.acquire()
        lock.acquire()
    """), TOO_LONG),
    silent("reads what the training sends next", inside("return len(os.read(0, 100))"), TOO_LONG),
    Assault("matches a pattern for ever", calls("""
        return 1.0 if re.match("(a+)+$", "a" * 60 + "b") else 0.0
    """, "import re"), TOO_LONG),
    silent("sums for ever in C", calls("return sum(range(10**13))"), TOO_LONG),
    silent("searches for ever in C", calls("return 0 in itertools.repeat(1)", "import itertools"),
            TOO_LONG),
    Assault("raises to a power for ever", calls("return 7 ** 10**8 % 5"), TOO_LONG),
    Assault("divides for ever", calls("return (1 << 3 * 10**7) % (3 ** 10**6)"), TOO_LONG),
    Assault("writes a number for ever", inside("""
        sys.set_int_max_str_digits(0)
        return len(str(1 << 10**7))
    """), TOO_LONG),
    Assault("multiplies for ever in numpy", calls("""
        a = numpy.ones((1500, 1500))
        while True:
            a = a @ a * 1e-4
    """, "import numpy"), TOO_LONG),
    Assault("sorts for ever", calls("""
        return len(sorted(range(10**6), key=lambda n: sorted(range(n))))
    """), TOO_LONG + "|" + OUT_OF_MEMORY),
    Assault("runs for ever as a tracer", inside("""
        def trace(*_):
            while True:
                pass
        sys.settrace(trace)
        return 1.0
    """), TOO_LONG),
    silent("loops for ever when it is thrown away", calls("""
        class Sticky:
            def __del__(self):
                while True:
                    pass
        Sticky()
        return 1.0
    """), TOO_LONG),
    Assault("loops for ever in a hook of the memory manager", inside("""
        def hook(*_):
            while True:
                pass
        module("gc").callbacks.append(hook)
        module("gc").collect()
        return 1.0
    """), TOO_LONG),
    Assault("compiles for ever", "def reward_function(params):\n" + "".join(
        f"{' ' * (4 + depth)}try:\n{' ' * (5 + depth)}pass\n{' ' * (4 + depth)}finally:\n"
        for depth in range(19)) + " " * 23 + "return 1.0\n"),
    Assault("takes the reply apart for ever", inside("""
        class Endless(dict):
            def __iter__(self):
                while True:
                    pass
        sys.modules["racecraft.sandbox.evaluator"].array = lambda kind: Endless()
        return 1.0
    """)),
]  # fmt: skip

MEMORY = [
    Assault("fills a list", calls("""
        kept = []
        while True:
            kept.append("x" * 100000)
    """), OUT_OF_MEMORY + "|" + TOO_LONG),
    Assault("fills a list and catches everything", calls("""
        kept = []
        while True:
            try:
                kept.append(bytearray(10**6))
            except BaseException:
                pass
    """), TOO_LONG + "|" + OUT_OF_MEMORY),
    Assault("fills memory step by step", calls("""
        kept.append(bytearray(20 * 10**6))
        return 1.0
    """, "kept = []"), OUT_OF_MEMORY, batches=10),
    Assault("asks for a very long text", calls("return len('x' * 10**11)"), OUT_OF_MEMORY),
    Assault("asks for very many bytes", calls("return len(bytes(10**10))"), OUT_OF_MEMORY),
    Assault("asks for a very large number", calls("return (1 << 10**11) and 1"), OUT_OF_MEMORY),
    Assault("asks for a very large array", calls("return numpy.ones(10**9).sum()", "import numpy"),
            OUT_OF_MEMORY),
    Assault("asks for an array beyond all memory", calls("return numpy.zeros(10**13)[0]",
            "import numpy"), OUT_OF_MEMORY),
    Assault("doubles a text", calls("""
        text = "x"
        while True:
            text += text
    """), OUT_OF_MEMORY + "|" + TOO_LONG),
    Assault("keeps all memory and prints", calls("""
        try:
            while True:
                kept.append(bytearray(10**5))
        except MemoryError:
            pass
        try:
            while True:
                kept.append(bytearray(100))
        except MemoryError:
            pass
        print("full")
        return 1.0
    """, "kept = []"), OUT_OF_MEMORY + "|" + TOO_LONG),
    Assault("fills memory by format", calls("return len(f'{1:>10000000000}')"), OUT_OF_MEMORY),
    Assault("fills memory while it is loaded", "kept = [0] * 10**10\n", OUT_OF_MEMORY),
    Assault("nests brackets in its text", "x = " + "(" * 45000 + ")" * 45000 + "\n",
            r"not Python|too deeply|ended its process"),
    Assault("nests signs in its text", "x = " + "-" * 90000 + "1\n" + calls("return 1.0"),
            r"not Python|too deeply|ended its process"),
    Assault("nests attributes in its text", "x = a" + ".b" * 45000 + "\n" + calls("return 1.0"),
            r"not Python|too deeply|ended its process|NameError"),
    Assault("folds numbers while it is compiled", calls("return " + "9**9**" * 5 + "9"),
            TOO_LONG + "|" + OUT_OF_MEMORY),
]  # fmt: skip

ENDS = [
    Assault("exits", calls("raise SystemExit(0)"), "raised SystemExit.*line 3"),
    Assault("exits by sys.exit", inside("sys.exit('bye')"), "raised SystemExit: bye"),
    Assault("interrupts", calls("raise KeyboardInterrupt"), "raised KeyboardInterrupt.*line 3"),
    Assault("raises the root of all errors", calls("raise BaseException('x')"),
            "raised BaseException: x.*line 3"),
    Assault("raises GeneratorExit", calls("raise GeneratorExit"), "raised GeneratorExit.*line 3"),
    Assault("interrupts while it is loaded", "raise KeyboardInterrupt\n",
            "raised KeyboardInterrupt.*line 1"),
    Assault("exits at once", inside("os._exit(0)"), DIED),
    Assault("exits with a success while it is loaded", PRELUDE + "os._exit(0)\n", DIED),
    Assault("aborts", inside("os.abort()"), DIED),
    Assault("reads from address 0", inside("return ctypes.string_at(0)[0]"), DIED),
    Assault("jumps to address 1", inside("return ctypes.CFUNCTYPE(ctypes.c_int)(1)()"), DIED),
    Assault("frees what is in use", inside("""
        while True:
            ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))
            ctypes.pythonapi.Py_DecRef(ctypes.py_object(1.0.__class__))
    """)),
    Assault("makes up bytecode", calls("""
        code = (lambda: 0).__code__
        return type(lambda: 0)(code.replace(co_code=bytes([124, 255] * 4 + [100, 99] * 99)), {})()
    """)),
    Assault("calls itself without end", calls("return reward_function(params)"),
            "raised RecursionError.*line 3"),
    Assault("calls itself without end and without a limit", inside("""
        sys.setrecursionlimit(10**9)
        return reward_function(params)
    """), DIED + "|MemoryError|" + TOO_LONG),
    Assault("calls itself without end in C and without a limit", inside("""
        sys.setrecursionlimit(10**9)
        nest = []
        for _ in range(10**6):
            nest = [nest]
        return len(repr(nest))
    """), DIED + "|" + TOO_LONG),
    Assault("sets the limit of calls to almost none", inside("""
        depth, frame = 0, sys._getframe()
        while frame:
            depth, frame = depth + 1, frame.f_back
        sys.setrecursionlimit(depth + 5)
        return 1.0
    """)),
    Assault("throws away a chain that is too long", calls("""
        chain = iter(())
        for _ in range(10**6):
            chain = itertools.chain(chain)
        del chain
        return 1.0
    """, "import itertools")),
    Assault("crashes once", inside("""
        if params['steps'] == 3 and not random.random() < 0:
            os.abort()
        return 1.0
    """, "import random\n"), DIED),
    Assault("exits when the process ends", inside("""
        module("atexit").register(lambda: print("late"))
        raise SystemExit
    """), "SystemExit"),
    Assault("answers a signal with an exit", inside("""
        module("_signal").signal(27, lambda *_: os._exit(0))
        while True:
            pass
    """), TOO_LONG + "|" + DIED + "|raised PermissionError"),
]  # fmt: skip

VALUES = [
    Assault("returns a huge number", calls("return 1 << 10**7"), NO_NUMBER),
    Assault("returns a number that is too large", calls("return 1e300"), NO_NUMBER),
    Assault("returns NaN", calls("return float('nan')"), NO_NUMBER),
    Assault("returns infinity", calls("return float('-inf')"), NO_NUMBER),
    Assault("returns a complex number", calls("return 1j"), NO_NUMBER),
    Assault("returns a text", calls("return '1.0'"), NO_NUMBER),
    Assault("returns a very long text", calls("return 'x' * 10**7"), NO_NUMBER),
    Assault("returns very many lists", calls("return [[0]] * 10**6"), NO_NUMBER),
    Assault("returns a deep nest", calls("""
        nest = []
        for _ in range(10**5):
            nest = [nest]
        return nest
    """), NO_NUMBER),
    Assault("returns a list that holds itself", calls("""
        own = []
        own.append(own)
        return own
    """), NO_NUMBER),
    Assault("returns an array", calls("return numpy.ones(10**6)", "import numpy"), NO_NUMBER),
    Assault("returns a number that lies when it is compared", calls("return Liar(1e300)", """
        class Liar(float):
            def __float__(self): return self
            def __le__(self, other): return True
            __ge__ = __lt__ = __gt__ = __eq__ = __le__
            __hash__ = None
    """), NO_NUMBER),
    Assault("returns a number that raises when it is compared", calls("return Liar(1.0)", """
        class Liar(float):
            def __le__(self, other): raise KeyboardInterrupt
            __ge__ = __lt__ = __gt__ = __eq__ = __float__ = __bool__ = __le__
            __hash__ = None
    """)),
    Assault("returns what exits when it is made a number", calls("return Odd()", """
        class Odd:
            def __float__(self): raise SystemExit(0)
    """), NO_NUMBER),
    Assault("returns what interrupts when it is made a number", calls("return Odd()", """
        class Odd:
            def __float__(self): raise BaseException("\\x1b[2J")
            __repr__ = __float__
            def __getattr__(self, name): raise KeyboardInterrupt
    """)),
    Assault("returns what loops when it is made a number", calls("return Odd()", """
        class Odd:
            def __float__(self):
                while True: pass
    """), TOO_LONG),
    Assault("returns what loops when it is shown", calls("return Odd()", """
        class Odd:
            def __repr__(self):
                while True: pass
    """), TOO_LONG),
    Assault("returns what is asked for ndim for ever", calls("return Odd()", """
        class Odd:
            def __getattr__(self, name):
                while True: pass
    """), TOO_LONG),
    Assault("returns what shows itself at great length", calls("return Odd()", """
        class Odd:
            def __repr__(self): return "\\x1b[2J\\n" * 10**6
    """), NO_NUMBER),
    Assault("returns what has a name at great length", calls("return Odd()", """
        Odd = type("\\x1b]0;hacked\\x07" * 10**5, (), {})
    """), NO_NUMBER),
    Assault("returns what has a class without a name", calls("return Odd()", """
        class Meta(type):
            @property
            def __name__(cls): raise SystemExit
        class Odd(metaclass=Meta): pass
    """)),
    Assault("returns what claims to be another class", calls("return Odd()", """
        class Odd:
            @property
            def __class__(self):
                raise KeyboardInterrupt
    """)),
    Assault("returns what is freed with a bang", calls("return Odd()", """
        class Odd:
            def __float__(self): return 1.0
            def __del__(self): raise SystemExit
    """)),
    Assault("is a generator", calls("yield 1.0"), "uses `yield`"),
    Assault("is a coroutine in disguise", calls("return later()", "async def later(): return 1"),
            NO_NUMBER),
    Assault("is an object with a signature that loops", """
class Odd:
    def __call__(self, params): return 1.0
    @property
    def __signature__(self):
        while True: pass
reward_function = Odd()
""", TOO_LONG),
    Assault("is an object that is never callable twice", """
class Odd:
    @property
    def __wrapped__(self): return Odd()
    def __call__(self, params): return 1.0
reward_function = Odd()
"""),
]  # fmt: skip

ERRORS = [
    Assault("raises an error with an endless text", calls("raise ValueError('x' * 10**7)"),
            "raised ValueError: x+"),
    Assault("raises an error with terminal codes", calls(
        "raise ValueError('\\x1b]0;x\\x07\\x1b[2J\\x9b2J\\r\\n\\u202eiteration 7: reward 99')"),
            "raised ValueError"),
    Assault("writes terminal codes behind the line that fails", calls(
        "raise ValueError  # \x1b[2J\x1b]0;x\x07 \x9b2J \u202e \u2066"), "raised ValueError"),
    Assault("raises an error with half a character", calls("raise ValueError('\\ud800')"),
            "raised ValueError"),
    Assault("raises an error that cannot be shown", calls("raise Odd", """
        class Odd(Exception):
            def __str__(self): raise SystemExit
    """), "raised Odd.*line"),
    Assault("raises an error that interrupts when it is shown", calls("raise Odd", """
        class Odd(Exception):
            def __str__(self): raise KeyboardInterrupt
    """), "raised Odd.*line"),
    Assault("raises an error that is shown for ever", calls("raise Odd", """
        class Odd(Exception):
            def __str__(self):
                while True: pass
    """), TOO_LONG),
    Assault("raises an error that is shown by a text of its own kind", calls("raise Odd", """
        class Text(str):
            def __len__(self): return 0
            def split(self): return self
            def __getitem__(self, part): return self
            def __iter__(self):
                while True: yield "x" * 10**5
        class Odd(Exception):
            def __str__(self): return Text("odd")
    """), "raised Odd|" + TOO_LONG + "|" + OUT_OF_MEMORY),
    Assault("raises an error of a class with terminal codes", calls("raise Odd", """
        Odd = type("\\x1b[2J" * 10**5, (Exception,), {})
    """), "raised"),
    Assault("raises an error of a class without a name", calls("raise Odd", """
        class Meta(type):
            @property
            def __name__(cls): raise KeyboardInterrupt
        class Odd(Exception, metaclass=Meta): pass
    """)),
    Assault("raises an error with a ring of causes", calls("""
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        raise first
    """), "raised ValueError: a"),
    Assault("raises a deep group of errors", calls("""
        group = ValueError("x")
        for _ in range(10**4):
            group = ExceptionGroup("g", [group])
        raise group
    """), "raised ExceptionGroup"),
    Assault("raises an error from a line that does not exist", calls("""
        code = compile("\\n" * 10**6 + "1 / 0", "reward_function.py", "exec")
        exec(code)
    """), "raised ZeroDivisionError|raised NameError"),
    Assault("raises an error from a made-up file", calls("""
        exec(compile("1 / 0", "\\x1b[2J/etc/passwd", "exec"))
    """), "raised ZeroDivisionError"),
    Assault("raises the program's own error with a made-up text", inside("""
        errors = sys.modules["racecraft.domain.errors"]
        raise errors.RewardFailed("\\x1b[2J\\niteration 7: all is well" * 10**5)
    """)),
    Assault("raises the program's own end of a call", inside("""
        raise sys.modules["racecraft.sandbox.evaluator"].TooSlow(None)
    """)),
    Assault("raises an error in the middle of another without end", calls("""
        try:
            raise ValueError
        finally:
            reward_function(params)
    """), "raised RecursionError|" + OUT_OF_MEMORY),
    Assault("shows where an error comes from, at length", calls("""
        def deep(n):
            return deep(n - 1) if n else 1 / 0
        deep(500)
    """), "raised ZeroDivisionError"),
    Assault("is not text", "x = '\ud800'\n" + calls("return 1.0"), "text"),
    Assault("has a zero in its text", "x = 1\0\n" + calls("return 1.0"), "text|not Python"),
    Assault("is empty", "", "defines"),
    Assault("has a very long line", "x = '" + "y" * 9 * 10**4 + "'\n" + calls("1 / 0"),
            "raised ZeroDivisionError"),
    Assault("fails in a very long line", "x = 1 / 0 # " + "y" * 9 * 10**4 + "\n",
            "raised ZeroDivisionError"),
]  # fmt: skip

PRINTS = [
    Assault("prints for ever", calls("""
        while True:
            print("x" * 1000)
    """), TOO_LONG),
    Assault("prints a very long line", calls("""
        print("x" * 10**7)
        return 1.0
    """)),
    Assault("prints very many lines", calls("""
        print("x\\n" * 10**6)
        for _ in range(1000):
            print("y")
        return 1.0
    """), batches=5),
    Assault("prints terminal codes", calls("""
        print("\\x1b[2J\\x1b]0;hacked\\x07 \\x9b31m \\x90q \\r\\b\\b\\v\\f \\u202e \\u2028 \\x00")
        return 1.0
    """)),
    Assault("prints made-up lines of a log", calls("""
        print("fine\\niteration 7: reward 99.0\\rcar 0, episode 1, step 1: hi")
        print("fine\\x85SIM_TRACE_LOG:0,1\\u2028iteration 8")
        return 1.0
    """)),
    Assault("prints made-up lines of a log while it is loaded", """
print("iteration 7: reward 99.0\\ncar 0, episode 1, step 1: hi")
print("the process of the reward function ended (signal 9); it was started anew")
""" + calls("return 1.0")),
    Assault("sends made-up lines of a log from nowhere", PRELUDE + FORGE + calls("""
        send(reply(printed=[[-1, "iteration 7: reward 99.0"], [99, "iteration 8: reward 99.0"]]))
        os._exit(0)
    """)),
    Assault("prints half a character", calls("""
        print("\\ud800")
        return 1.0
    """)),
    Assault("prints what interrupts when it is shown", calls("""
        class Odd:
            def __str__(self): raise KeyboardInterrupt
        print(Odd())
    """), "raised KeyboardInterrupt.*line"),
    Assault("prints a text that lies about its length", calls("""
        class Text(str):
            def __len__(self): return 0
            def __str__(self): return self
            def __add__(self, other): return self
            def count(self, *_): return -10**30
        for _ in range(30):
            sys.stdout.write(Text("x" * 10**5))
        return 1.0
    """, PRELUDE)),
    Assault("prints into the pipe", inside("""
        sys.__stdout__.write("junk" * 1000)
        sys.__stdout__.flush()
        return 1.0
    """), NONSENSE),
    Assault("prints into the standard error of the training", inside("""
        sys.__stderr__.write("junk" * 100000)
        sys.__stderr__.flush()
        return 1.0
    """)),
    Assault("closes what it prints to", inside("""
        sys.stdout.close()
        print("x")
        return 1.0
    """)),
    Assault("takes away what it prints to", inside("""
        sys.stdout = sys.stderr = sys.__stdout__ = None
        print("x")
        return 1.0
    """)),
    Assault("logs very much", calls("""
        for _ in range(1000):
            logging.warning("x" * 1000)
        return 1.0
    """, "import logging")),
]  # fmt: skip

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

TAMPERS = [
    Assault("replaces what Python is made of", inside("""
        for name in ("len", "isinstance", "type", "float", "str", "print", "getattr", "enumerate"):
            _inside[name] = lambda *a, **k: 1e300
        return 1.0
    """)),
    Assault("removes what Python is made of", inside("_inside.clear(); return 1.0")),
    Assault("replaces msgpack", inside("""
        sys.modules["msgpack"].packb = lambda *_, **__: b"\\xc1" * 10**7
        return 1.0
    """), NONSENSE),
    Assault("replaces what packs answers", inside("""
        sys.modules["racecraft.sandbox.child"].packed = lambda message: b"\\xff" * 10**7
        return 1.0
    """), NONSENSE),
    silent("replaces what sends answers", inside("""
        sys.modules["racecraft.sandbox.child"]._answer = lambda message: None
        return 1.0
    """), TOO_LONG),
    Assault("replaces what evaluates", inside("""
        evaluator = sys.modules["racecraft.sandbox.evaluator"].Evaluator
        evaluator.answer = lambda self, message: {"rewards": bytes([255] * 32)}
        return 1.0
    """), NONSENSE),
    Assault("allows itself larger rewards", inside("""
        sys.modules["racecraft.sandbox.evaluator"].MAX_ABS_REWARD = 1e308
        return 1e307
    """), NONSENSE),
    Assault("adds to its rewards from behind", inside("""
        class Many(sys.modules["array"].array):
            def append(self, value):
                for _ in range(5):
                    super().append(value)
        sys.modules["racecraft.sandbox.evaluator"].array = Many
        return 1.0
    """), NONSENSE),
    Assault("replaces numpy", inside("""
        for name in dir(numpy):
            if not name.startswith("_"):
                setattr(numpy, name, None)
        sys.modules["numpy"] = None
        return 1.0
    """, "\nimport numpy\nimport random\n")),
    Assault("replaces mathematics", inside("""
        math = module("math")
        for name in dir(math):
            setattr(math, name, lambda *_: 1e300)
        return 1.0
    """)),
    Assault("forgets all modules", inside("sys.modules.clear(); return 1.0")),
    Assault("replaces all modules", inside("""
        for name in list(sys.modules):
            sys.modules[name] = None
        return 1.0
    """)),
    Assault("empties all tables that it can find", inside("""
        for thing in module("gc").get_objects():
            if isinstance(thing, dict) and thing is not globals():
                thing.clear()
        return 1.0
    """)),
    Assault("replaces the functions of the other cars", inside("""
        for thing in module("gc").get_objects():
            if getattr(thing, "__name__", "") == "reward_function" and callable(thing):
                thing.__code__ = (lambda params: 1e300).__code__
        return 1.0
    """)),
    Assault("replaces the other cars' functions by what is none", inside("""
        for thing in module("gc").get_referrers(reward_function):
            if isinstance(thing, list):
                thing[:] = []
        return 1.0
    """)),
    Assault("traces the program that runs it", inside("""
        def trace(frame, event, argument):
            if frame.f_code.co_name in ("answer", "main", "_rewards"):
                raise KeyboardInterrupt
            return trace
        sys.settrace(trace)
        return 1.0
    """)),
    Assault("traces and changes what is returned", inside("""
        def profile(frame, event, argument):
            frame.f_locals.update(index=-1, rewards=None, reward=None)
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(1))
        sys.setprofile(profile)
        return 1.0
    """)),
    Assault("changes the locals of its callers", inside("""
        frame = sys._getframe(1)
        while frame:
            for name in list(frame.f_locals):
                frame.f_locals[name] = None
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(1))
            frame = frame.f_back
        return 1.0
    """)),
    Assault("changes what a small number is", inside("""
        ctypes.memmove(id(2) + 24, bytes([7, 0, 0, 0]), 4)
        return 1.0
    """)),
    Assault("changes what one is", inside("""
        one = 1.0
        ctypes.memmove(id(one) + 16, ctypes.addressof(ctypes.c_double(float("nan"))), 8)
        return one
    """)),
    Assault("changes params and what they are made of", calls("""
        params["waypoints"].clear()
        params["closest_waypoints"].append("x")
        for key in list(params):
            del params[key]
        params.update({1: 2, None: params})
        return 1.0
    """)),
    Assault("changes the track of all cars", inside("""
        for thing in module("gc").get_objects():
            if isinstance(thing, list) and len(thing) == 121:
                thing[:] = [None]
        return 1.0
    """)),
    Assault("replaces the answer to errors", inside("""
        sys.excepthook = sys.unraisablehook = lambda *_: os.write(1, b"junk" * 100)
        sys.modules["racecraft.sandbox.evaluator"].Evaluator.answer = None
        return 1.0
    """)),
    Assault("stops the timer that ends long calls", inside("""
        signal = module("_signal")
        try:
            signal.setitimer(signal.ITIMER_PROF, 0)
        except BaseException:
            pass
        child = sys.modules["racecraft.sandbox.child"]
        child.Watch._tick = lambda *_: None
        for thing in module("gc").get_objects():
            if type(thing).__name__ == "Evaluator":
                type(thing).is_busy = property(lambda self: False, lambda self, value: None)
        while True:
            pass
    """), TOO_LONG),
    Assault("writes over its own machine code", inside("""
        place = ctypes.cast(machine.getpid, ctypes.c_void_p).value
        machine.mprotect(ctypes.c_long(place & ~4095), ctypes.c_long(4096), 3)
        ctypes.memmove(place, b"\\xcc" * 16, 16)
        machine.getpid()
        return 1.0
    """), DIED),
    Assault("writes machine code where callbacks are", inside("""
        back = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1)
        place = ctypes.cast(back, ctypes.c_void_p).value
        ctypes.memmove(place, @RETURN_42@, len(@RETURN_42@))
        if back() == 42:
            return 666.0
        return 1.0
    """), DIED + "|" + OUT_OF_MEMORY),
    Assault("makes a 32-bit call with bytes of a library", inside("""
        pointer = ctypes.pythonapi.PyCFunction_GetFunction
        pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object]
        base = pointer(len) & ~4095
        while ctypes.string_at(base, 4) != b"\\x7fELF":
            base -= 4096
        start, = struct.unpack("<Q", ctypes.string_at(base + 32, 8))
        size, count = struct.unpack("<HH", ctypes.string_at(base + 54, 4))
        for number in range(count):
            part = struct.unpack("<IIQQQQQQ", ctypes.string_at(base + start + number * size, 56))
            place = ctypes.string_at(base + part[3], part[6]).find(b"\\xcd\\x80")
            if part[0] == 1 and part[1] & 1 and place >= 0:
                # With two floating-point arguments, register eax holds 2: fork.
                kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_double, ctypes.c_double)
                return 666.0 if kind(base + part[3] + place)(0.0, 0.0) else 666.0
        return 1.0
    """, "\nstruct = module('struct')\n"), "signal 31|raised"),
]  # fmt: skip

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
ASSAULTS = [*ENDLESS, *MEMORY, *ENDS, *VALUES, *ERRORS, *PRINTS, *FRAMES, *TAMPERS]

ON_THE_LOCKS = [*ENDLESS[:2], *MEMORY, *ENDS, *TAMPERS]
"""Those that would end otherwise if the locks did not hold; who started the process matters."""
