"""Restores and moves that meet others, or are cut short: nobody loses anything."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from racecraft.domain.errors import Conflict, StorageFailed
from racecraft.service.backups.restoring import restore_backup
from racecraft.service.backups.saving import save_backup
from racecraft.service.locks import locked
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import Store, dumps, open_store
from racecraft.service.store.dumps import copy_records
from tests.service.test_archives import a_model
from tests.service.test_backups import contents, empty_database, opened, sums

__all__ = ["empty_database"]


@pytest.fixture
def file(settings: Settings, store: Store, tmp_path: Path) -> Path:
    """A backup of an installation that has a model each of two people since."""
    local_actor(store)
    a_model(settings)
    save_backup(store, settings, tmp_path / "b")
    a_model(settings.of("ann"), "hers")
    store.close()
    return tmp_path / "b"


def test_no_folder_is_taken_from_who_works_in_it(settings: Settings, file: Path) -> None:
    sweep = settings.sweeps / "widths"
    sweep.mkdir(parents=True)
    hers = settings.of("ann").models / "hers"
    for folder, work in (
        (settings.models / "car", "TRAINING"),
        (hers, "RANKING"),
        (sweep, "SWEEPING"),
    ):
        with locked(folder, work), pytest.raises(Conflict, match=f"works in .*{work}"):
            restore_backup(settings, file, replaces=True)
        assert folder.is_dir()
    assert restore_backup(settings, file, replaces=True).aside is not None


def breaks(step: int, failure: BaseException, *, for_good: bool = False) -> Callable[..., Path]:
    """Renaming as it is, but for one time; Ctrl-C comes behind it."""
    rename, count = Path.rename, itertools.count(1)

    def broken(path: Path, target: Path) -> Path:
        number = next(count)
        if isinstance(failure, OSError) and (number == step or (for_good and number > step)):
            raise failure
        moved = rename(path, target)
        if number == step:
            raise failure
        return moved

    return broken


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_restore_that_is_cut_short_anywhere_puts_everything_back(
    settings: Settings, file: Path, failure: BaseException
) -> None:
    with opened(settings) as store:
        before, kept = sums(store), contents(settings.home)
    for step in itertools.count(1):
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Path, "rename", breaks(step, failure))
                restored = restore_backup(settings, file, replaces=True)
        except (StorageFailed, KeyboardInterrupt):
            assert contents(settings.home) == kept
            assert not list(settings.home.glob(".re*"))
            with opened(settings) as store:
                assert sums(store) == before
        else:
            break
    assert step > 5  # the last one had nothing left to break
    assert restored.aside is not None
    assert (restored.aside / "people" / "ann" / "models" / "hers").is_dir()


def test_files_stay_where_the_records_could_not_be_written(
    settings: Settings, file: Path, empty_database: str
) -> None:
    there = settings.model_copy(update={"database_url": empty_database})
    open_store(there).close()
    kept = contents(settings.home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", breaks(3, OSError(28, "No space left on device")))
        with pytest.raises(StorageFailed):
            restore_backup(there, file, replaces=True)
    assert contents(settings.home) == kept
    with opened(there) as store:
        assert sum(table.rows for table in sums(store)) == 0


def test_a_restore_that_cannot_put_things_back_tells_where_they_are(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "rename", breaks(3, OSError(5, "Input/output"), for_good=True))
    with pytest.raises(StorageFailed, match="cut short") as told:
        restore_backup(settings, file, replaces=True)
    (aside,) = settings.home.glob(".replaced-*")
    assert str(aside) in str(told.value)
    assert len(list(aside.iterdir())) == 2


def test_records_are_not_moved_onto_themselves(settings: Settings, store: Store) -> None:
    url = f"sqlite:///{settings.home / '..' / settings.home.name / 'racecraft.db'}"
    with pytest.raises(Conflict, match="is the one that the records are in"):
        copy_records(store, url, replaces=True)


def test_a_database_is_not_waited_for_by_who_reads_it(
    settings: Settings, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "_LOCK_S", 1)
    with opened(settings.model_copy(update={"database_url": empty_database})) as store:
        with pytest.raises(Conflict, match="is the one that the records are in"):
            copy_records(store, empty_database, replaces=True)
        # By another name it cannot be recognised.
        alias = empty_database.replace("&dbname", "/.&dbname")
        with pytest.raises(StorageFailed, match="lock timeout"):
            copy_records(store, alias, replaces=True)
