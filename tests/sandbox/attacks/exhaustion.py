"""Assaults that never end, that use up the memory, and that end their own process."""

from __future__ import annotations

from tests.sandbox.attacks.assault import (
    DIED,
    OUT_OF_MEMORY,
    TOO_LONG,
    Assault,
    calls,
    inside,
    silent,
)
from tests.sandbox.attacks.probe import PRELUDE

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
