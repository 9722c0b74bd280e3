"""Assaults by what a reward function returns, raises and prints."""

from __future__ import annotations

from tests.sandbox.attacks.assault import (
    FORGE,
    NO_NUMBER,
    NONSENSE,
    OUT_OF_MEMORY,
    TOO_LONG,
    Assault,
    calls,
    inside,
)
from tests.sandbox.attacks.probe import PRELUDE

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
