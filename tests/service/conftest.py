"""A home folder of its own for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from racecraft.service.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    return Settings()
