"""Every link of the documentation leads somewhere, and every page is in the menu."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors_of, links_of, name_of

MENU = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
WRITTEN = [
    *(
        path
        for folder in ("racecraft", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*")
    ),
    ROOT / "Makefile",
    ROOT / "pyproject.toml",
]


def fault_of(page: Path, target: str) -> str:
    """What is wrong with a link; empty if nothing is."""
    parts = urlsplit(target)
    if parts.scheme:
        is_well_formed = parts.scheme in ("https", "http", "mailto") and (
            parts.netloc or parts.path
        )
        return "" if is_well_formed else "no address"
    file = (page.parent / parts.path).resolve() if parts.path else page
    if not file.exists() or ROOT not in file.parents:
        return "leads nowhere"
    if DOCS in page.parents and DOCS not in file.parents:
        return "leads out of the site"
    if parts.fragment and (file.suffix != ".md" or parts.fragment not in anchors_of(file)):
        return f"no such heading; there are {sorted(anchors_of(file))}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_link_of_a_page_is_dead(page: Path) -> None:
    dead = {target: fault for target in links_of(page) if (fault := fault_of(page, target))}
    assert dead == {}


def test_every_page_is_in_the_menu_once_and_the_menu_has_no_other() -> None:
    told = re.findall(r": ([\w/-]+\.md)$", MENU, flags=re.M)
    assert sorted(told) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_pages_that_the_code_names_exist() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in WRITTEN
        if path.is_file() and path.suffix in (".py", ".js", ".css", ".toml", "")
        for name in re.findall(r"docs/[\w/-]+\.(?:md|py|ipynb)", path.read_text("utf-8", "ignore"))
    }
    assert {pair for pair in named if not (ROOT / pair[1]).exists()} == set()
    assert len(named) > 10


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in links_of(page)
        if "pictures/" in target
    }
    assert {path.name for path in (DOCS / "pictures").iterdir() if path not in shown} == set()


def test_the_site_builds_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(MENU, encoding="utf-8")
    shutil.copytree(DOCS, tmp_path / "docs")
    built = subprocess.run(
        [Path(sys.executable).parent / "zensical", "build", "--clean", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    made = list((tmp_path / "site").rglob("*.html"))
    assert len(made) > len(list(DOCS.rglob("*.md"))) - 1
    link = r'<link[^>]*rel="(?:stylesheet|preload|icon)"[^>]*href'
    fetched = rf'(?:<script[^>]*src|{link}|<img[^>]*src)="([^"]+)"'
    hosts = {
        target
        for page in made
        for target in re.findall(fetched, page.read_text(encoding="utf-8"))
        if target.startswith(("http", "//"))
    }
    assert hosts == set()
    assert not list((tmp_path / "site").rglob("*.py"))
