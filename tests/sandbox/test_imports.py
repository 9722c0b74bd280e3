"""What users' code may import, what is loaded for it before the lock, and how it is refused."""

import builtins
import json
import subprocess
import sys
import time

import pytest

from racecraft.sandbox.imports import (
    ALLOWED,
    FORBIDDEN_PARTS,
    REASONS,
    complaint,
    guarded_import,
    load,
    modules_to_load,
)

LOCKED = """
import builtins, json, sys
from racecraft.sandbox.imports import guarded_import, load, modules_to_load
source = sys.stdin.read()
load(modules_to_load(source))
code = compile(source, "reward_function.py", "exec", dont_inherit=True)

def refuse(event, args):
    if event == "open" or event.startswith(("os.", "socket.", "subprocess.")):
        raise PermissionError(f"{event} of {args[:1]} behind the lock")

sys.addaudithook(refuse)
names = {"__name__": "reward", "__builtins__": {**vars(builtins), "__import__": guarded_import}}
exec(code, names)
"""
"""Loads what a program names, and then refuses every file, as the lock does."""


def run_locked(source: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOCKED], input=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def run_guarded(source: str) -> dict[str, object]:
    names: dict[str, object] = {
        "__builtins__": {**vars(builtins), "__import__": guarded_import},
        "__name__": "reward_function",
    }
    exec(source, names)
    return names


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_every_allowed_module_can_be_imported(module: str) -> None:
    assert complaint(module) is None
    assert run_guarded(f"import {module} as it")["it"] is sys.modules[module]


@pytest.mark.parametrize(
    "line",
    [
        "import numpy.linalg as la, scipy.stats",
        "from scipy import interpolate, optimize",
        "from shapely.geometry import Point",
        "from collections.abc import Sequence",
        "from math import *",
    ],
)
def test_parts_of_allowed_packages_can_be_imported(line: str) -> None:
    run_guarded(line)


@pytest.mark.parametrize("module", sorted(REASONS))
def test_well_known_modules_are_refused_with_their_reason(module: str) -> None:
    assert module not in ALLOWED
    with pytest.raises(ImportError, match=r"cannot be imported: it .*\.$") as caught:
        run_guarded(f"import {module}")
    assert f"`{module}`" in str(caught.value)


@pytest.mark.parametrize("part", sorted(FORBIDDEN_PARTS))
def test_parts_that_reach_files_or_code_are_refused_however_they_are_imported(part: str) -> None:
    package, _, last = part.rpartition(".")
    for line in (f"import {part}", f"from {package} import {last}", f"import {part}.deeper"):
        with pytest.raises(ImportError, match=f"`{part}"):
            run_guarded(line)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import nmupy", "There is no module `nmupy` here. Did you mean `numpy`?"),
        ("import Math", "Did you mean `math`?"),
        ("import my_tools", "a reward function is a single file"),
        ("from . import tools", "another file beside this one"),
        ("from ..pack import tools", "another file beside this one"),
        ("import numpy.nothing_of_the_sort", "write `import numpy.nothing_of_the_sort`"),
        ("import os.path", "`os.path` cannot be imported"),
        ("__import__('posix')", "`posix` cannot be imported"),
        ("__import__('x' * 100_000)", "single file"),
    ],
)
def test_what_cannot_be_imported_is_told_in_a_sentence(line: str, told: str) -> None:
    with pytest.raises(ImportError) as caught:
        run_guarded(line)
    assert told in str(caught.value)
    assert str(caught.value)[-1] in ".?"
    assert len(str(caught.value)) < 500


def test_a_name_that_only_pretends_to_be_text_is_refused() -> None:
    source = """
class Two(str):
    def partition(self, sep):
        return ('math', '', '')
    def __format__(self, spec):
        return 'math'
__import__(Two('os'))
"""
    with pytest.raises(TypeError, match="by its name, not by Two"):
        run_guarded(source)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", []),
        ("import math", ["math"]),
        ("import math, random as r", ["math", "random"]),
        ("from math import pi", ["math"]),
        ("def f():\n  import numpy as np; np.random.rand()", ["numpy", "numpy.random"]),
        ("import scipy\nscipy.stats.norm", ["scipy", "scipy.stats"]),
        ("from scipy import (\n  interpolate,\n  signal)", ["scipy.interpolate", "scipy.signal"]),
        ("from scipy import \\\n  stats", ["scipy.stats"]),
        ("import scipy.spatial.distance", ["scipy.spatial", "scipy.spatial.distance"]),
        ("from scipy.spatial import distance", ["scipy.spatial.distance"]),
        ("from scipy import *", ["scipy.stats", "scipy.optimize"]),
        ("from shapely.geometry import Point", ["shapely", "shapely.geometry"]),
        ("__import__('json')", ["json"]),
        ("größe = 1", ["unicodedata"]),
        (r"'\N{DEGREE SIGN}'", ["unicodedata"]),
    ],
)
def test_the_modules_to_load_are_those_that_the_text_names(source: str, names: list[str]) -> None:
    found = modules_to_load(source)

    assert set(names) <= set(found)
    assert len(found) == len(set(found))
    for name in found:
        package = name.rpartition(".")[0]
        assert not package or package in found[: found.index(name)]


@pytest.mark.parametrize(
    "source",
    [
        "# numpy and scipy would be slow\nx = 'shapely'",
        "import math  # not numpy",
        "import math\nnumpy = 1",
        "import os, pandas",
    ],
)
def test_nothing_is_loaded_that_is_not_imported(source: str) -> None:
    assert set(modules_to_load(source)) <= {"math"}


def test_a_word_in_a_remark_does_not_load_the_slow_parts() -> None:
    source = "import scipy  # stats\nsignal = 1  # a special signal\nx = signal"

    assert modules_to_load(source) == ["scipy"]


@pytest.mark.parametrize(
    "text",
    [
        "import(" * 14_000,
        "import " + "." * 90_000,
        "scipy " + " " * 90_000 + "import",
        "import\\\n" * 12_000,
        ". " * 50_000 + "import numpy",
        "import " + "a," * 45_000,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_is_searched_in_no_time(text: str) -> None:
    start = time.perf_counter()
    modules_to_load(text)
    assert time.perf_counter() - start < 2


def test_what_is_not_installed_is_left_out() -> None:
    load(["no_such_module_here", "math"])


USES = {
    "traceback": """
import traceback
def endless(): endless()
for fails in (lambda: 1 / 0, endless, lambda: speeed, lambda: 'x'.spltt()):
    try:
        fails()
    except Exception:
        traceback.format_exc(), traceback.print_exc(), traceback.format_stack()
""",
    "times": """
import time, datetime, calendar
time.strptime('2020', '%Y'), time.strftime('%c'), time.localtime()
datetime.datetime.strptime('2020-01-02', '%Y-%m-%d').astimezone().strftime('%c')
calendar.monthrange(2020, 2)
""",
    "copies": """
import copy, array
class Slots:
    __slots__ = ('x',)
    def __init__(self): self.x = [1]
copy.deepcopy(Slots()), copy.copy(range(3)), copy.deepcopy(array.array('d', [1.0]))
""",
    "logging": """
import logging
logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger(__name__)
log.info('a %s', 1)
log.info('wrong %d', 'x')
try: 1 / 0
except ZeroDivisionError: log.exception('b')
""",
    "functions and types": """
import functools, typing, types, enum, dataclasses, contextlib, abc, warnings
@functools.singledispatch
def f(x): return 1
@f.register
def _(x: int): return 2
class N(typing.NamedTuple):
    a: int = 1
@typing.runtime_checkable
class P(typing.Protocol):
    def f(self): ...
isinstance(f(1), P), typing.get_type_hints(N), repr(typing.Optional[int]), repr(int | None)
@dataclasses.dataclass(order=True)
class D:
    x: list = dataclasses.field(default_factory=list)
dataclasses.asdict(D()), dataclasses.replace(D(), x=[1])
class F(enum.Flag):
    A, B = 1, 2
repr(F.A | F.B), types.SimpleNamespace(a=1), types.coroutine(lambda: (yield))
with contextlib.suppress(ValueError), contextlib.ExitStack(): int('x')
warnings.warn('x')
""",
    "numbers and texts": r"""
import decimal, fractions, statistics, random, json, re, string, pprint, textwrap, heapq
import collections, operator, struct, unicodedata
f"{decimal.Decimal(3) / 7:,.3f} {decimal.Decimal(1):n} {3:n}", fractions.Fraction('3.5')
statistics.quantiles([1, 2, 3]), statistics.NormalDist().inv_cdf(0.3), statistics.mode([1, 1])
random.gauss(0, 1), random.Random(1).sample(range(9), 2), random.SystemRandom().random()
json.dumps({'é': [1.5, None]}, indent=1)
try: json.loads('{')
except json.JSONDecodeError as error: str(error)
re.sub(r'(\w+)', r'\1', 'abc'), string.Template('$a').substitute(a=1)
pprint.pformat({'a': list(range(99))}), collections.Counter('aab').most_common(1)
'a'.encode('ascii'), 'é'.encode('latin-1'), 'a'.encode('unicode_escape'), 'a'.encode('utf-16')
größe, π = '\N{DEGREE SIGN}', int('1' * 4000)
""",
    "numpy": """
import numpy as np
a = np.linspace(0, 6, 50)
np.random.rand(3), np.random.default_rng(3).normal(), np.fft.fft(a), np.ma.masked_where(a > 1, a)
np.polyfit(a, a, 2), np.polynomial.Polynomial([1, 2])(2), np.linalg.lstsq(np.eye(2), [1, 2])
np.median(a), np.percentile(a, 5), np.einsum('i,i', a, a), np.array2string(a), np.unique(a)
np.char.upper('a'), np.rec.array([(1, 2)]), np.gradient(a), np.log(0), np.cov(a)
for wrong in (lambda: np.array([1, 2]) + a, lambda: np.linalg.inv(np.zeros((2, 2))),
              lambda: np.array(['a']) + 1, lambda: np.float):
    try: wrong()
    except Exception as error: str(error)
""",
    "scipy": """
import numpy as np
from scipy import integrate, interpolate, linalg, ndimage, optimize, signal, special, stats
from scipy.spatial import ConvexHull, KDTree, distance
a = np.linspace(0, 6, 50)
xy = np.stack([np.cos(a), np.sin(a)], 1)
interpolate.CubicSpline(a, xy)(1.5), interpolate.interp1d(a, a, kind='cubic')(1)
interpolate.splev(0.5, interpolate.splprep(xy.T, s=0)[0]), interpolate.griddata(xy, a, [(0, 0)])
for method in ('BFGS', 'Nelder-Mead', 'SLSQP', 'L-BFGS-B', 'Powell'):
    optimize.minimize(lambda x: (x ** 2).sum(), [1.0, 2.0], method=method)
optimize.brentq(lambda x: x - 1, 0, 3), optimize.curve_fit(lambda x, m: x * m, a, a)
optimize.differential_evolution(lambda x: (x ** 2).sum(), [(0, 1)], maxiter=2)
stats.norm.pdf(1), stats.linregress(a, a), stats.gaussian_kde(a)(1), stats.truncnorm(0, 1).mean()
signal.savgol_filter(a, 5, 2), signal.find_peaks(a), signal.filtfilt(*signal.butter(2, 0.3), a)
ndimage.gaussian_filter1d(a, 2), integrate.quad(np.sin, 0, 1), special.softmax([1, 2])
integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0]), linalg.expm(np.eye(2))
KDTree(xy).query([0, 0]), distance.cdist(xy, xy), ConvexHull(xy).area
""",
    "shapely": """
from shapely import affinity, ops, wkt
from shapely.geometry import LineString, Point, Polygon
from shapely.prepared import prep
line, area = LineString([(0, 0), (1, 1), (2, 0)]), Polygon([(0, 0), (1, 0), (1, 1)])
Point(0, 0).distance(line), line.project(Point(1, 1)), line.interpolate(0.5, normalized=True)
area.buffer(0.2).area, ops.nearest_points(line, Point(0, 0)), ops.unary_union([area, area])
prep(area).contains(Point(0, 0)), affinity.rotate(line, 30), wkt.loads(line.wkt), repr(area)
ops.split(area, line), ops.substring(line, 0, 1), line.coords[:], area.exterior.is_ccw
try: LineString([(0, 0)])
except Exception as error: str(error)
""",
}


@pytest.mark.parametrize("source", USES.values(), ids=USES)
def test_what_is_loaded_works_when_no_file_can_be_opened_any_more(source: str) -> None:
    run_locked(source)


def test_loading_nothing_loads_no_numpy() -> None:
    source = (
        "import json, sys\nfrom racecraft.sandbox.imports import load, modules_to_load\n"
        "load(modules_to_load('import math, json\\nx = 1'))\nprint(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )

    assert not {"numpy", "scipy", "shapely", "pydantic"} & set(json.loads(done.stdout))
