"""Every code block of the documentation says its language, and what it says is true."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.domain.sweep import SweepSpec
from tests.docs.command_lines import commands_of, fault_of, mention_fault
from tests.docs.home import prepare, run_block
from tests.docs.pages import BLOCKS, MARKS, PAGES, ROOT, Block, mentions_of, name_of, of_language

LANGUAGES = {"sh", "python", "json", "toml", "yaml", "text", "html"}
MADE = {"docs/reference/reward-examples.md"}
"""Its functions are called and trained with in tests of their own."""


def test_every_block_says_its_language_and_every_mark_is_known() -> None:
    assert {str(block): block.language for block in BLOCKS if block.language not in LANGUAGES} == {}
    assert {str(block) for block in BLOCKS if block.mark and block.mark not in MARKS} == set()
    assert {str(b) for b in BLOCKS if (b.mark == "checked only") != bool(b.reason)} == set()


@pytest.mark.parametrize("block", of_language("sh"), ids=str)
def test_every_command_has_flags_and_values_that_exist(block: Block) -> None:
    faults = {
        " ".join(one.words): fault for one in commands_of(block.text) if (fault := fault_of(one))
    }
    assert faults == {}


def test_a_flag_that_does_not_exist_would_be_found() -> None:
    for line, word in (
        ("racecraft train --tracks x", "--tracks"),
        ("racecraft trian", "trian"),
        ('make run ARGS="--presets fast"', "--presets"),
        ("make rum", "rum"),
        ('make learn ARGS="--onyl tracks"', "--onyl"),
        ('make learn ARGS="--only trakcs"', "trakcs"),
        ("python -m benchmarks.speeed", "speeed"),
        ("RACECRAFT_HOUSE=/tmp racecraft up", "RACECRAFT_HOUSE"),
        ("racecarft up", "racecarft"),
    ):
        (command,) = commands_of(line)
        assert word in fault_of(command), line
    assert "--lapz" in mention_fault("racecraft race --lapz")
    assert "raec" in mention_fault("racecraft raec a b")


def test_nothing_asks_the_package_index_for_a_name_that_is_not_ours_there() -> None:
    bare = re.compile(
        r"pipx? (?:install|download|upgrade)\b[^`|\n]*[ \"']racecraft(?=[\s\[`\"',.]|$)"
    )
    assert bare.search("run `pip install --upgrade racecraft`")
    assert bare.search('pip install "racecraft[postgres]"')
    assert not bare.search("pip install dist/racecraft-0.1.0-py3-none-any.whl")
    others = [*(ROOT / "deploy").rglob("*.*"), *(ROOT / "racecraft").rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in (*PAGES, *others) if path.is_file()}
    assert [name_of(path) for path, text in texts.items() if bare.search(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_a_sentence_names_exists(page: Path) -> None:
    faults = {text: fault for text in mentions_of(page) if (fault := mention_fault(text))}
    assert faults == {}


@pytest.mark.parametrize("block", of_language("python"), ids=str)
def test_every_program_is_python(block: Block) -> None:
    compile(block.text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("block", of_language("json"), ids=str)
def test_every_json_block_is_json(block: Block) -> None:
    json.loads(block.text.replace("…", "null"))  # something that is left out


@pytest.mark.parametrize("block", of_language("toml"), ids=str)
def test_every_toml_block_is_a_spec_that_is_understood(block: Block) -> None:
    tables = tomllib.loads(block.text)
    if "space" in tables:
        SweepSpec.model_validate(tables)
        return
    assert set(tables) <= {"model", "training"}
    ModelSpec.model_validate(tables.get("model", {}))
    wanted: dict[str, Any] = tables.get("training", {})
    tracks = [name for name in wanted.pop("tracks", []) if isinstance(name, dict)]
    TrainingSpec.model_validate({**wanted, **({"tracks": tracks} if tracks else {})})


@pytest.mark.parametrize("block", of_language("yaml"), ids=str)
def test_every_yaml_block_is_yaml(block: Block) -> None:
    assert isinstance(yaml.safe_load(block.text), dict)


RUN = [block for block in BLOCKS if block.language in ("sh", "python") and block.page not in MADE]
QUICK = [block for block in RUN if not block.mark]
SLOW = [block for block in RUN if block.mark in ("runs slowly", "shortened")]


class Homes(dict[str, Path]):
    """A home a page, made when its first block runs: blocks build on those above them."""

    def __init__(self, folder: Path, *, is_trained: bool) -> None:
        super().__init__()
        self._folder = folder
        prepare(folder / "first", is_trained=is_trained)

    def __missing__(self, page: str) -> Path:
        here = self._folder / str(len(self))
        shutil.copytree(self._folder / "first", here, symlinks=True)
        return self.setdefault(page, here)


@pytest.fixture(scope="module")
def quick_homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(tmp_path_factory.mktemp("docs"), is_trained=False)


@pytest.fixture(scope="module")
def slow_homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(tmp_path_factory.mktemp("docs"), is_trained=True)


@pytest.fixture(autouse=True)
def _same_environment() -> Iterator[None]:
    kept, there = dict(os.environ), Path.cwd()
    yield
    os.environ.clear()
    os.environ.update(kept)
    os.chdir(there)


@pytest.mark.parametrize("block", QUICK, ids=str)
def test_what_a_page_shows_works(block: Block, quick_homes: Homes) -> None:
    run_block(block, quick_homes[block.page])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", SLOW, ids=str)
def test_what_a_page_shows_and_takes_longer_works(block: Block, slow_homes: Homes) -> None:
    run_block(block, slow_homes[block.page])
