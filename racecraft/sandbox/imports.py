"""What a reward function may import, what of it is loaded before the lock, and how it is told no.

This list is a courtesy: it says early and in words what the kernel would refuse later. In the
locked process no file can be opened, so whatever users' code may import is imported before.
"""

from __future__ import annotations

import builtins
import codecs
import difflib
import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType

LIBRARIES = frozenset({"numpy", "scipy", "shapely"})
HARMLESS = frozenset(
    {
        "__future__",
        "abc",
        "array",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "operator",
        "pprint",
        "random",
        "re",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "time",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "warnings",
    }
)
"""The parts of Python's own library that only compute."""

ALLOWED = LIBRARIES | HARMLESS
"""Top-level names that a reward function may import."""

_FOR_PYTHON = frozenset({"_pylong", "_strptime", "copyreg"})
"""What Python's own C code imports in the name of the function that called it."""

_KINDS = {
    "it reaches files": (
        "bz2 configparser csv dbm fileinput glob gzip io linecache lzma mmap pathlib shelve shutil "
        "sqlite3 tarfile tempfile yaml zipfile zoneinfo"
    ),
    "it reaches the files and the processes of the machine": (
        "fcntl getpass nt os platform posix psutil pty resource signal subprocess"
    ),
    "it reaches the network": (
        "aiohttp boto3 botocore email ftplib http httpx paramiko requests select selectors "
        "smtplib socket socketserver ssl telnetlib urllib urllib3 websocket websockets xmlrpc"
    ),
    "it starts threads or processes": (
        "_thread asyncio concurrent joblib multiprocessing queue ray sched threading"
    ),
    "it loads or runs other code": (
        "__main__ builtins cffi cloudpickle code codeop ctypes dill imp importlib marshal numba "
        "pickle pip pkgutil runpy site zipimport"
    ),
    "it looks inside the running program": (
        "atexit dis faulthandler gc inspect pdb sys trace tracemalloc"
    ),
    "it draws pictures, and nobody is there to look": (
        "IPython PIL bokeh cv2 imageio matplotlib plotly pygame pylab seaborn skimage tkinter "
        "turtle"
    ),
    "it is not there when a reward function runs": (
        "gym gymnasium jax keras markov networkx pandas rl_coach rospy shapelysmooth sklearn "
        "sympy tensorflow tf torch"
    ),
    "it is racecraft itself, and a reward function sees only its `params`": "racecraft",
}
REASONS: Mapping[str, str] = {
    name: reason for reason, names in _KINDS.items() for name in names.split()
}
"""Well-known modules that may not be imported, and why: `it reaches files`."""

_ADVICE = {
    "csv": "Write the table into the file as a list",
    "cv2": "Use `params` instead; a reward function gets no pictures",
    "io": "Write the numbers into the file as a list",
    "matplotlib": "`racecraft reward try` draws the reward on the track",
    "os": "Write settings into the file as plain variables",
    "pandas": "Use numpy or plain lists",
    "pathlib": "Write the numbers into the file as a list",
    "pickle": "Write the numbers into the file as a list",
    "pylab": "Use numpy; `racecraft reward try` draws the reward on the track",
    "sklearn": "Use numpy or scipy",
    "sympy": "Use math or numpy",
    "sys": "`math.inf` is larger than `sys.maxsize`, and what you print needs no flush",
}
FORBIDDEN_PARTS: Mapping[str, str] = {
    "json.tool": "it reaches files",
    "logging.config": "it reaches files and the network",
    "logging.handlers": "it reaches files and the network",
    "numpy.ctypeslib": "it loads other code",
    "numpy.distutils": "it builds other code",
    "numpy.f2py": "it builds other code",
    "numpy.lib.format": "it reaches files",
    "numpy.lib.npyio": "it reaches files",
    "numpy.testing": "it runs other code",
    "scipy.datasets": "it downloads files",
    "scipy.io": "it reaches files",
    "shapely.plotting": "it draws pictures, and nobody is there to look",
}
"""Parts of allowed packages that may not be imported, and why."""

_PARTS = {
    "collections": "abc",
    "numpy": "char dtypes exceptions fft lib linalg ma matlib polynomial random rec strings typing",
    "numpy.polynomial": "chebyshev hermite legendre polynomial",
    "scipy": (
        "cluster constants differentiate fft fftpack integrate interpolate linalg ndimage odr "
        "optimize signal sparse spatial special stats"
    ),
    "scipy.cluster": "hierarchy vq",
    "scipy.signal": "windows",
    "scipy.sparse": "csgraph linalg",
    "scipy.spatial": "distance transform",
    "scipy.stats": "mstats qmc",
    "shapely": (
        "affinity algorithms coords errors geometry ops prepared speedups strtree validation "
        "vectorized wkb wkt"
    ),
    "shapely.algorithms": "cga polylabel",
}
"""What is imported by its own name or on first use, so must be loaded when the text names it."""

_INNER = {
    "contextlib": "traceback",
    "copy": "copyreg weakref",
    "datetime": "_strptime calendar locale",
    "decimal": "locale numbers",
    "functools": "types typing weakref",
    "logging": "string traceback",
    "scipy.optimize": "multiprocessing",
    "time": "_strptime",
    "traceback": "ast linecache textwrap tokenize unicodedata",
    "types": "enum functools",
    "typing": "collections.abc contextlib inspect",
    "warnings": "linecache traceback tracemalloc",
}
"""Modules that allowed ones import only when one of their functions is called."""

_CODECS = (
    "ascii",
    "latin-1",
    "raw_unicode_escape",
    "unicode_escape",
    "utf-16",
    "utf-32",
    "utf-8-sig",
)
"""`text.encode("ascii")` reads a file of Python's library, the first time."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ATTRIBUTE = re.compile(r"\.\s*([A-Za-z_][A-Za-z0-9_]*)")


def complaint(module: str) -> str | None:
    """Why a module (`os`, `numpy.f2py`) may not be imported, as a sentence; None if it may."""
    top = module.partition(".")[0]
    shown = "".join(sign for sign in module[:60] if sign.isprintable())
    for part in FORBIDDEN_PARTS:
        if f"{module}.".startswith(f"{part}."):
            return f"`{shown}` cannot be imported: {FORBIDDEN_PARTS[part]}. Remove the import."
    if top in ALLOWED:
        return None
    reason = REASONS.get(top)
    if reason is not None:
        advice = _ADVICE.get(top, "Remove the import")
        return f"`{shown}` cannot be imported: {reason}. {advice}."
    near = difflib.get_close_matches(top[:60].lower(), ALLOWED, n=1, cutoff=0.75)
    if near:
        return f"There is no module `{shown}` here. Did you mean `{near[0]}`?"
    return (
        f"`{shown}` cannot be imported: a reward function is a single file, and may use only "
        "math, random, statistics, itertools, functools, collections, numpy, scipy, shapely and "
        "the harmless parts of Python's own library. Copy what you need of it into the file."
    )


def modules_to_load(source: str) -> list[str]:
    """Full names of the modules to load before the lock, packages before their parts.

    Found by searching for words, in time proportional to the text: hostile text must not reach
    Python's parser before the lock. A word too many only costs time to load it.
    """
    imported = _words_of_imports(source)
    named = imported.union(_ATTRIBUTE.findall(source))
    found = sorted(ALLOWED & imported)
    if "scipy" in found and re.search(r"scipy\s+import\s+\*", source):
        named.update(_PARTS["scipy"].split())
    for package in found:  # grows while it is read: parts have parts
        parts = _PARTS.get(package, "").split()
        found += [f"{package}.{part}" for part in parts if part in named]
    if not source.isascii() or "\\N{" in source:
        found.append("unicodedata")  # Python's parser needs it for such names and texts
    return found


def _words_of_imports(source: str) -> set[str]:
    """Words on lines that have `import` in them, and on the lines such a list runs on to."""
    words: set[str] = set()
    runs_on = False
    for line in source.splitlines():
        code = line.partition("#")[0]
        starts = "import" in code
        if not (starts or runs_on):
            continue
        words.update(_WORD.findall(code))
        is_open = ")" not in code and (runs_on or "(" in code)
        runs_on = is_open or code.rstrip().endswith("\\")
    return words


def load(names: Iterable[str]) -> None:
    """Import modules, and what they would import later, when no file can be opened any more.

    A module that is not installed is left out; importing it then fails in the user's code.
    """
    for name in names:
        for module in (name, *_INNER.get(name, "").split()):
            try:
                importlib.import_module(module)
            except ImportError:
                continue
    for codec in _CODECS:
        codecs.lookup(codec)


def guarded_import(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """The `__import__` of users' modules.

    Raises:
        ImportError: the module may not be imported, or was not loaded before the lock.
    """
    if type(name) is not str:
        raise TypeError(f"A module is imported by its name, not by {type(name).__name__}.")
    if level:
        raise ImportError(
            f"`from {'.' * min(level, 3)}{name[:60]} import` looks for another file beside this "
            "one, but a reward function is a single file. Copy what you need into it."
        )
    for module in (name, *(f"{name}.{part}" for part in fromlist or ())):
        refusal = complaint(module)
        if refusal is not None and name not in _FOR_PYTHON:
            raise ImportError(refusal)
    try:
        return _import(name, globals, locals, fromlist or (), level)
    except (ImportError, OSError):
        raise ImportError(
            f"`{name[:60]}` is not there. Check its name, and write `import {name[:60]}` in a "
            "line of its own: only modules that the text names are loaded."
        ) from None


_import = builtins.__import__
