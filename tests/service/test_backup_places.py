"""Backups while models move under them, and in places that know no second name for a file."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.errors import Conflict
from racecraft.service.backups import saving
from racecraft.service.backups.restoring import check_backup, restore_backup
from racecraft.service.backups.saving import save_backup
from racecraft.service.collection import change_model, delete_model
from racecraft.service.model_folders import mark_folder
from racecraft.service.model_records import Model
from racecraft.service.people.person import LOCAL_PERSON, local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.test_archives import a_model
from tests.service.test_backups import contents, fill


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_model_that_moves_while_its_own_files_are_saved_is_saved_whole(
    is_deleted: bool,
    settings: Settings,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, actor = Model(owner_id=LOCAL_PERSON, name="a"), local_actor(store)
    with store.work() as work:
        work.add(model)
    mark_folder(a_model(settings, "a"), model.id)
    kept, keep = contents(settings.home), saving._Saving.keep

    def keep_and_move(self: Any, path: str, content: Any) -> None:
        keep(self, path, content)
        if path == "models/a/metrics/TrainingMetrics.json":
            monkeypatch.undo()
            if is_deleted:
                delete_model(store, settings, actor, model.id)
            else:
                change_model(store, settings, actor, model.id, {"name": "z"})

    monkeypatch.setattr(saving._Saving, "keep", keep_and_move)
    manifest = save_backup(store, settings, tmp_path / "b")
    assert manifest.gone == ()
    again = settings.model_copy(update={"home": tmp_path / "again"})
    restore_backup(again, tmp_path / "b")
    found = contents(again.home)
    assert set(found) == set(kept)
    if not is_deleted:
        assert b'"z"' in found.pop("models/a/model.json")[0]  # it told its new name already
        del kept["models/a/model.json"]
    assert found == kept


def test_a_backup_may_lie_where_a_file_cannot_have_two_names(
    settings: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    fill(settings, store)
    monkeypatch.setattr(os, "link", refuse)
    save_backup(store, settings, tmp_path / "b")
    check_backup(tmp_path / "b")
    kept = (tmp_path / "b").read_bytes()
    # Somebody else is a moment ahead: the name is looked at only when all is written.
    monkeypatch.setattr(saving, "_refuse_place", lambda *_: None)
    with pytest.raises(Conflict, match="There is a file"):
        save_backup(store, settings, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == kept
    assert not list(tmp_path.glob(".b.*"))
