"""What the reader says about names, modules and parameters that are not there or not allowed."""

import pytest

from racecraft.sandbox.findings import Severity
from racecraft.sandbox.reading import read
from tests.sandbox.reading.functions import ERROR, HINT, ONE, WARNING, function, said

REACH = {
    "os": (f"import os\n{ONE}", ERROR, 1, "`os` cannot be imported: it reaches the files"),
    "inside": (function("import requests", "return 1"), ERROR, 2, "reaches the network"),
    "from": (f"from sys import maxsize\n{ONE}", ERROR, 1, "`math.inf` is larger"),
    "second of two": (f"import math, pickle\n{ONE}", ERROR, 1, "`pickle`"),
    "deep": (f"import os.path as p\n{ONE}", ERROR, 1, "`os.path`"),
    "files of scipy": (f"from scipy import io\n{ONE}", ERROR, 1, "`scipy.io`"),
    "own file": (f"import helpers\n{ONE}", ERROR, 1, "a single file"),
    "dot": (f"from .helpers import x\n{ONE}", ERROR, 1, "a single file"),
    "misspelled": (f"import nunpy as np\n{ONE}", ERROR, 1, "Did you mean `numpy`?"),
    "by name": (f"x = __import__('os')\n{ONE}", ERROR, 1, "`os` cannot be imported"),
    "the way": (f"x = __import__('math')\n{ONE}", ERROR, 1, "`__import__` cannot be used"),
    "importlib": (f"import importlib\n{ONE}", ERROR, 1, "`importlib`"),
    "if it is there": (
        f"try:\n    import pandas\nexcept ImportError:\n    pandas = None\n{ONE}",
        HINT,
        2,
        "`pandas`",
    ),
    "open": (function("return len(open('x').read())"), ERROR, 2, "`open` cannot be used"),
    "open, expected to fail": (
        function("try:", "    open('x')", "except OSError:", "    pass", "return 1"),
        HINT,
        3,
        "`open`",
    ),
    "eval": (function("return eval('1')"), ERROR, 2, "`eval`"),
    "exec": (f"exec('x = 1')\n{ONE}", ERROR, 1, "`exec`"),
    "compile": (f"x = compile('1', '', 'eval')\n{ONE}", ERROR, 1, "`compile`"),
    "input": (function("return float(input())"), ERROR, 2, "`input`"),
    "breakpoint": (function("breakpoint()", "return 1"), ERROR, 2, "`breakpoint`"),
    "exit": (function("exit()", "return 1"), ERROR, 2, "`exit`"),
    "numpy file": (f"import numpy as np\nT = np.load('t.npy')\n{ONE}", ERROR, 2, "`numpy.load`"),
    "numpy name": (f"from numpy import loadtxt\n{ONE}", ERROR, 1, "`numpy.loadtxt`"),
    "method": (f"import numpy as n\nn.ones(3).tofile('x')\n{ONE}", ERROR, 2, "`.tofile`"),
    "log file": (
        f"import logging\nlogging.basicConfig(filename='x')\n{ONE}",
        ERROR,
        2,
        "No log file",
    ),
    "log handler": (f"import logging as l\nl.FileHandler('x')\n{ONE}", ERROR, 2, "FileHandler"),
    "typo in math": (
        "import math\n" + function("return math.squrt(2)"),
        ERROR,
        3,
        "Did you mean `math.sqrt`?",
    ),
    "abs of math": ("import math\n" + function("return math.abs(2)"), ERROR, 3, "`math`"),
    "typo in import": (f"from math import squrt\n{ONE}", ERROR, 1, "`math.sqrt`"),
    "old clock": (f"import time\nx = time.clock()\n{ONE}", ERROR, 2, "no `clock`"),
    "old numpy": (f"import numpy as np\nx = np.float(1)\n{ONE}", ERROR, 2, "`numpy.float64`"),
    "not called": (
        f"def plot():\n    import matplotlib.pyplot as plt\n    plt.show()\n{ONE}",
        HINT,
        2,
        "Nothing calls `plot`",
    ),
}


@pytest.mark.parametrize(("source", "severity", "line", "part"), REACH.values(), ids=REACH)
def test_what_may_not_be_used_is_named_with_its_line(
    source: str, severity: Severity, line: int, part: str
) -> None:
    said(source, severity, line, part)


NAMES = {
    "no import": (function("return math.sqrt(2)"), ERROR, 2, "Write `import math`"),
    "np": (function("return np.abs(-1)"), ERROR, 2, "`import numpy as np`"),
    "sqrt alone": (function("return sqrt(2)"), ERROR, 2, "`math.sqrt`"),
    "typo": (function("reward = 1", "return rewrad"), ERROR, 3, "Did you mean `reward`?"),
    "typo of a builtin": (function("return flaot(1)"), ERROR, 2, "Did you mean `float`?"),
    "parameter": (function("return speed"), ERROR, 2, "`speed = params['speed']`"),
    "true": (function("return 1 if true else 2"), ERROR, 2, "`True`"),
    "null": (function("return 1 if params['x'] == null else 2"), ERROR, 2, "`None`"),
    "of another function": (
        f"def f():\n    return params['x']\n{function('return f()')}",
        ERROR,
        2,
        "known only in `reward_function()` (line 3)",
    ),
    "of a class": (
        f"class A:\n    K = 1\n    def f(self):\n        return K\n{function('return A().f()')}",
        ERROR,
        4,
        "`self.K`",
    ),
    "caught by all": (
        function("try:", "    return undefined_thing", "except:", "    return 1"),
        WARNING,
        3,
        "`undefined_thing`",
    ),
    "in an annotation": (
        f"def f(x: Dict) -> int:\n    return 1\n{function('return f(1)')}",
        ERROR,
        1,
        "`from typing import Dict`",
    ),
    "nothing like it": (function("return qqqqq"), ERROR, 2, "correct its spelling"),
    "global forgotten": (
        "LAST = 0\n" + function("d = params['speed'] - LAST", "LAST = params['speed']", "return d"),
        ERROR,
        3,
        "`global LAST`",
    ),
    "global forgotten, shortly": (
        "N = 0\n" + function("N += 1", "return N"),
        ERROR,
        3,
        "`global N`",
    ),
    "before its value": (function("n = n + 1", "return n"), ERROR, 2, "no value yet"),
    "before its import": (
        function("x = math.pi", "import math", "return x"),
        ERROR,
        2,
        "Move what gives it its value",
    ),
}


@pytest.mark.parametrize(("source", "severity", "line", "part"), NAMES.values(), ids=NAMES)
def test_names_without_a_value_are_found(
    source: str, severity: Severity, line: int, part: str
) -> None:
    said(source, severity, line, part)


def test_names_that_a_program_may_make_itself_are_left_alone() -> None:
    for line in ("globals()['made'] = 1", "exec('made = 1')", "from shapely.nothing import *"):
        messages = [finding.message for finding in read(f"{line}\n{function('return made')}")]
        assert not any("has no value" in message for message in messages)


PARAMETER = {
    "typo": (function("return params['speeed']"), ERROR, 2, "Did you mean `'speed'`?"),
    "capitals": (function("return params['Speed']"), ERROR, 2, "Did you mean `'speed'`?"),
    "plural": (function("return params['closest_object']"), ERROR, 2, "`'closest_objects'`"),
    "camera": (function("return params['objects_in_camera']"), ERROR, 2, "`'object_in_camera'`"),
    "off track": (function("return params['is_off_track']"), ERROR, 2, "`'is_offtrack'`"),
    "steering": (function("return params['steering']"), ERROR, 2, "`'steering_angle'`"),
    "british": (function("return params['distance_from_centre']"), ERROR, 2, "_from_center'`"),
    "on track": (function("return params['on_track']"), ERROR, 2, "`'all_wheels_on_track'`"),
    "before": (function("return params['prev_speed']"), ERROR, 2, "outside of the function"),
    "unlike all": (function("return params['qqqqq']"), ERROR, 2, "page on reward parameters"),
    "number": (function("return params[0]"), ERROR, 2, "names, not numbers"),
    "attribute": (function("return params.speed"), ERROR, 2, "`params['speed']`"),
    "call": (function("return params('speed')"), ERROR, 2, "square brackets"),
    "get": (function("return params.get('speeed', 1.0)"), WARNING, 2, "always gives `1.0`"),
    "get nothing": (function("return params.get('speeed')"), WARNING, 2, "always gives `None`"),
    "get one or other": (
        function("return params.get('velocity', params.get('speed', 1))"),
        HINT,
        2,
        "`'velocity'`",
    ),
    "pop": (function("return params.pop('speeed')"), ERROR, 2, "`'speed'`"),
    "caught": (
        function("try:", "    return params['foo']", "except KeyError:", "    return 1"),
        HINT,
        3,
        "`'foo'`",
    ),
    "other argument": ("def reward_function(p):\n    return p['speeed']", ERROR, 2, "`'speed'`"),
    "lambda": ("reward_function = lambda p: p['speeed']", ERROR, 1, "`'speed'`"),
    "alias": (function("p = params", "q = dict(p)", "return q['speeed']"), ERROR, 4, "`'speed'`"),
    "function": (
        f"def f(k, data):\n    return data['speeed'] * k\n{function('return f(2, params)')}",
        ERROR,
        2,
        "`'speed'`",
    ),
    "function by name": (
        f"def f(data, k=1):\n    return data['speeed'] * k\n{function('return f(data=params)')}",
        ERROR,
        2,
        "`'speed'`",
    ),
    "method": (
        "class R:\n    def f(self, data):\n        return data['speeed']\n"
        f"R1 = R()\n{function('return R1.f(params)')}",
        ERROR,
        3,
        "`'speed'`",
    ),
    "attribute of an object": (
        "class R:\n    def __init__(self, params):\n        self.p = params\n"
        f"    def f(self):\n        return self.p['speeed']\n{function('return R(params).f()')}",
        ERROR,
        5,
        "`'speed'`",
    ),
}


@pytest.mark.parametrize(("source", "severity", "line", "part"), PARAMETER.values(), ids=PARAMETER)
def test_parameters_that_do_not_exist_are_found(
    source: str, severity: Severity, line: int, part: str
) -> None:
    said(source, severity, line, part)


@pytest.mark.parametrize(
    "source",
    [
        function("params['mine'] = 1", "return params['mine']"),
        function("params.update(mine=1)", "return params['mine']"),
        function("params.update(more())", "return params['mine']") + "def more(): return {}\n",
        function("for k in 'ab':", "    params[k] = 1", "return params['a']"),
        function("params.setdefault('mine', 1)", "return params['mine']"),
        function("if 'mine' in params:", "    return params['mine']", "return 1"),
        function("params = {'mine': 1}", "return params['mine']"),
        function("return f(params) + f({'mine': 1})") + "def f(d):\n    return d['mine']\n",
        function("return f(*[params])") + "def f(d):\n    return d['mine']\n",
        function("mine = {'a': 1}", "return mine['a']"),
        "state = {}\n" + function("return state['mine']"),
        "def with_more(f):\n    return lambda p: f({**p, 'mine': 1})\n"
        "@with_more\n" + function("return params['mine']"),
    ],
)
def test_keys_that_the_program_may_have_added_are_left_alone(source: str) -> None:
    assert not any("parameter named" in finding.message for finding in read(source))
