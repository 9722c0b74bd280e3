"""Assaults on the program that runs the reward function, from inside its process."""

from __future__ import annotations

from tests.sandbox.attacks.assault import (
    DIED,
    NONSENSE,
    OUT_OF_MEMORY,
    TOO_LONG,
    Assault,
    calls,
    inside,
    silent,
)

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
