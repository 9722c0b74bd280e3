"""The rules of the house that no linter knows: sizes, names, errors, and what imports what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from racecraft.domain import errors
from racecraft.interfaces.exit_codes import EXIT_CODES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "racecraft"
# Migrations are records of what tables once were; nobody edits them.
MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if "migrations" not in path.parts and not path.parent.name.startswith("Sample-")
)
WRITERS = [ROOT / "docs" / "generate.py", *sorted((ROOT / "docs" / "made").glob("*.py"))]
CODE = [*MODULES, *sorted((ROOT / "benchmarks").rglob("*.py")), *WRITERS]
WRITTEN = [
    path
    for folder in ("racecraft", "tests", "benchmarks", "docs", ".ci")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
] + [path for path in sorted(ROOT.glob("*")) if path.is_file()]

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_ARGUMENTS = 6
MAX_SAMPLE_BYTES = 6_000_000
BANNED_MODULES = {"utils", "util", "common", "core", "misc", "helpers", "constants"}
BANNED_CLASS_WORDS = re.compile(r"(Manager|Handler|Helper|Base|Abstract|Impl)(?![a-z])")
READS_ENVIRONMENT = {"service/settings.py", "training/threads.py", "service/doctor/port.py"}
"""Settings are read in one place; the number of threads must be set before numpy loads; the doctor
looks at the environment of another process, which has the port."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def in_repository(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, Function):
            yield node


def decorator_names(function: Function) -> set[str]:
    """The last name of each decorator: `njit` for `@numba.njit(nogil=True)`."""
    names = set()
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return names


def is_kernel(function: Function) -> bool:
    return bool(decorator_names(function) & {"njit", "jit", "vectorize", "guvectorize"})


def is_command(path: Path) -> bool:
    """A module of the command line: there, the flags of a command are its arguments."""
    return PACKAGE / "interfaces" / "cli" in path.parents


def line_count(function: Function, path: Path) -> int:
    """Lines from `def` to the end; without the flags for a command."""
    first = function.body[0].lineno if is_command(path) else function.lineno
    return (function.end_lineno or 0) - first + 1


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {in_repository(path): len(path.read_text("utf-8").splitlines()) for path in CODE}
    assert {name: n for name, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_sixty_lines_but_kernels() -> None:
    too_long = {
        f"{in_repository(path)}:{function.lineno} {function.name}": length
        for path in CODE
        for function in functions(path)
        if (length := line_count(function, path)) > MAX_FUNCTION_LINES and not is_kernel(function)
    }
    assert too_long == {}


def test_no_function_takes_more_than_six_arguments_but_kernels_and_commands() -> None:
    too_many = {}
    for path in CODE:
        for function in functions(path):
            given = function.args
            names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            count = len([name for name in names if name not in ("self", "cls")])
            if count > MAX_ARGUMENTS and not (is_kernel(function) or is_command(path)):
                too_many[f"{in_repository(path)}:{function.lineno} {function.name}"] = count
    assert too_many == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = [path for path in MODULES if {path.stem, path.parent.name} & BANNED_MODULES]
    assert [in_repository(path) for path in names] == []


def test_no_class_is_named_after_a_pattern() -> None:
    named = [
        f"{in_repository(path)}:{node.lineno} {node.name}"
        for path in CODE
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ClassDef) and BANNED_CLASS_WORDS.search(node.name)
    ]
    assert named == []


def test_every_error_class_has_an_exit_code() -> None:
    classes = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.RacecraftError)
    }
    assert classes == {known for known in EXIT_CODES if known is not KeyboardInterrupt}


def test_every_error_is_defined_in_the_one_tree() -> None:
    names = {name for name, value in vars(errors).items() if isinstance(value, type)}
    elsewhere = [
        f"{in_repository(path)}:{node.lineno} {node.name}"
        for path in MODULES
        if path != PACKAGE / "domain" / "errors.py"
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(parent, ast.Name) and parent.id in names for parent in node.bases)
    ]
    assert elsewhere == []


def test_the_environment_is_read_in_settings_only() -> None:
    readers = set()
    for path in MODULES:
        for node in ast.walk(syntax(path)):
            is_attribute = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
            is_import = (
                isinstance(node, ast.ImportFrom)
                and node.module == "os"
                and any(alias.name in ("environ", "getenv") for alias in node.names)
            )
            if is_attribute or is_import:
                readers.add(path.relative_to(PACKAGE).as_posix())
    assert readers - READS_ENVIRONMENT == set()


def test_nothing_names_the_machine_it_was_written_on() -> None:
    private = [f"/{folder}/" for folder in ("work", "root")]
    named = []
    for path in WRITTEN:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        named += [f"{in_repository(path)}: {word}" for word in private if word in text]
    assert named == []


def test_no_weights_or_arrays_are_kept_in_the_repository_but_the_sample_models() -> None:
    kinds = {".pt", ".pth", ".ckpt", ".safetensors", ".pb", ".onnx", ".pkl", ".npy", ".npz"}
    samples = PACKAGE / "service" / "samples"
    kept = [path for path in WRITTEN if path.suffix in kinds]
    assert [in_repository(path) for path in kept if samples not in path.parents] == []
    # The sample models are part of the product; they are small, and cannot carry code.
    assert {path.suffix for path in kept} <= {".safetensors"}
    assert sum(path.stat().st_size for path in kept) < MAX_SAMPLE_BYTES


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [path for path in WRITTEN if path.suffix == ".md"]
    broken = [
        f"{in_repository(page)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def run_python(source: str) -> str:
    """Run in a fresh process, so that nothing is imported yet; the answer is what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


LOADED = "import sys; print(*({names} & set(sys.modules)))"


def test_the_simulator_and_its_environment_start_without_torch() -> None:
    source = (
        "import gymnasium, racecraft.sim\n"
        "environment = gymnasium.make('racecraft/TimeTrial-v0')\n"
        "environment.reset(seed=1)\n"
        "environment.close()\n"
    )
    assert run_python(source + LOADED.format(names={"torch"})) == ""


def test_the_environment_can_be_made_by_naming_its_module() -> None:
    source = (
        "import gymnasium\nprint(gymnasium.make('racecraft.sim:racecraft/TimeTrial-v0').spec.id)"
    )
    assert run_python(source) == "racecraft/TimeTrial-v0"


def test_registering_twice_registers_once() -> None:
    source = (
        "import warnings; warnings.simplefilter('error')\n"
        "import gymnasium, racecraft.sim\n"
        "from racecraft.sim.registration import register_environments\n"
        "register_environments()\n"
        "print(sum(name.startswith('racecraft/') for name in gymnasium.registry) > 0)"
    )
    assert run_python(source) == "True"


@pytest.mark.parametrize("heavy", ["torch", "numba", "pandas"])
def test_the_command_line_starts_without_heavy_packages(heavy: str) -> None:
    source = "import racecraft.interfaces.cli.app\n" + LOADED.format(names={heavy})
    assert run_python(source) == ""
