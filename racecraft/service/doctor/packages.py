"""What pip installed: is it all there, of the right versions, and does it load?"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft import __version__
from racecraft.service.doctor.finding import Finding, bad, fine, warn

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_PACKAGE = Path(__file__).parents[2]
_REINSTALL = (
    "Install racecraft again as you did before: the wheel with `pip install --force-reinstall`, or "
    "`make run` in the clone."
)
"""Never its bare name: it is not on the package index, where anybody may take that name."""
_OWN = (
    "tracks/*/*.json",
    "interfaces/web/static/**/*.css",
    "interfaces/web/world/modules/*.js",
    "interfaces/web/help/*.md",
    "service/store/migrations/versions/*.py",
    "service/samples/*/model.json",
)
"""Files that are no modules, and that a broken build or copy leaves out."""
HEAVY = ("torch", "numba", "gymnasium", "matplotlib", "av")
_LOAD_S = 120.0


def requirements(installed: Callable[[str], str] = metadata.version) -> Finding:
    """Whether everything that racecraft needs is there, in a version that it works with."""
    try:
        wanted = _needs()
        known = metadata.version("racecraft")
    except ImportError:  # PackageNotFoundError is one, too
        return bad(
            "packages",
            "racecraft was not installed by pip, or only half of it was.",
            "Run `pip install .` in its folder, or `pip install` with the file of the wheel.",
        )
    if known != __version__:
        return bad(
            "packages",
            f"pip says that racecraft is {known}, but the program is {__version__}.",
            _REINSTALL,
        )
    missing, wrong = [], []
    for need in wanted:
        try:
            version = installed(need.name)
        except metadata.PackageNotFoundError:
            missing.append(need.name)
            continue
        if need.name != "torch" and not need.specifier.contains(version, prereleases=True):
            wrong.append(f"{need.name} {version} (wanted {need.specifier})")
    return _told(missing, wrong, len(wanted))


def _told(missing: Sequence[str], wrong: Sequence[str], count: int) -> Finding:
    if missing:
        return bad(
            "packages",
            f"Packages are missing: {', '.join(missing)}.",
            f"Run `pip install {' '.join(missing)}`, or install racecraft again as you did before.",
        )
    if wrong:
        return warn(
            "packages",
            f"Packages are of versions that racecraft was not made for: {', '.join(wrong)}.",
            "Install racecraft again as you did before, best in an environment of its own.",
        )
    return fine(
        "packages", f"racecraft {__version__} and the {count} packages that it needs are there."
    )


def own_files(package: Path = _PACKAGE) -> Finding:
    """Whether tracks, pages, pictures and sample models came with the program."""
    lacking = [pattern for pattern in _OWN if next(package.glob(pattern), None) is None]
    if lacking:
        return bad("files", f"Files of racecraft are missing: {', '.join(lacking)}.", _REINSTALL)
    tracks = len({file.parent for file in package.glob("tracks/*/*.json")})
    return fine("files", f"Tracks ({tracks}), pages, sample models and migrations are there.")


def torch(installed: Callable[[str], str] = metadata.version) -> Finding:
    """Whether PyTorch is the one that results were made with."""
    wanted = _pinned("torch")
    try:
        version = installed("torch")
    except metadata.PackageNotFoundError:
        advice = f"Run `pip install torch=={wanted or '2'}`."
        return bad("torch", "PyTorch is missing; trainings need it.", advice)
    plain, _, build = version.partition("+")
    if wanted and plain != wanted:
        return warn(
            "torch",
            f"PyTorch is {version}, and racecraft was made for {wanted}.",
            "Trainings work, but the same seed gives other cars than elsewhere; run "
            f"`pip install torch=={wanted}`.",
        )
    if build.startswith(("cu", "rocm")):
        return fine(
            "torch",
            f"PyTorch {version}, with support for graphics cards, which racecraft does not use.",
            "The one for processors alone takes a tenth of the disk.",
        )
    return fine("torch", f"PyTorch {version}.")


def loading(modules: Sequence[str] = HEAVY, executable: str = sys.executable) -> Finding:
    """Whether the heavy packages load, tried in a process of its own."""
    failed = []
    text = (
        "import sys\nfor name in sys.argv[1:]:\n"
        " try: __import__(name)\n"
        " except BaseException as error: print(name, type(error).__name__, error, sep='|')\n"
        "print('done')"
    )
    try:
        tried = subprocess.run(
            [executable, "-W", "ignore", "-c", text, *modules],
            capture_output=True,
            text=True,
            timeout=_LOAD_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return warn(
            "loading",
            f"Loading {', '.join(modules)} takes longer than {_LOAD_S:.0f} s.",
            "The disk is slow, or a virus scanner reads every file; exempt the environment.",
        )
    if -tried.returncode == signal.SIGILL:
        return bad(
            "loading",
            "A package uses instructions that this processor does not have.",
            "In a virtual machine, hand the host's processor through (for QEMU: -cpu host); "
            "otherwise the processor is too old.",
        )
    failed = [line.split("|") for line in tried.stdout.splitlines() if "|" in line]
    if failed:
        name, kind, message = (*failed[0], "", "")[:3]
        return bad(
            "loading",
            f"{name} does not load ({kind}: {message.strip()[:200]}).",
            f"Run `pip install --force-reinstall {name}`; on Linux a missing lib….so is a package "
            "of the system.",
        )
    if tried.returncode:
        last = (tried.stderr.strip().splitlines() or ["nothing"])[-1]
        return bad(
            "loading",
            f"Loading packages ended with code {tried.returncode}; it said: {last[:200]}.",
            _REINSTALL,
        )
    return fine("loading", f"{', '.join(modules)} load.")


def _pinned(name: str) -> str:
    """The one version of a package that racecraft asks for; empty without one."""
    try:
        needs = _needs()
    except ImportError:
        return ""
    exact = [rule.version for need in needs if need.name == name for rule in need.specifier]
    return exact[0] if exact else ""


def _needs() -> list[Requirement]:
    """What racecraft asks pip for on this machine, without its extras.

    Raises:
        ImportError: pip knows nothing of racecraft, or the library that reads this is missing.
    """
    from packaging.requirements import Requirement

    asked = [Requirement(line) for line in metadata.requires("racecraft") or ()]
    return [need for need in asked if need.marker is None or need.marker.evaluate({"extra": ""})]
