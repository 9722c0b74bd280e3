"""Sample models: trained by us with `train.py`, given once to everybody.

They are ordinary models from then on: they can be evaluated, cloned, renamed and deleted, and who
deletes them does not get them back.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.service.files import storage
from racecraft.service.model_folders import mark_folder, record_of_folder, settings_of
from racecraft.service.model_records import ModelState
from racecraft.service.models import MODEL_FILE, model_names
from racecraft.service.people.person import Person, person_now
from racecraft.service.store import new_id

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

HERE = Path(__file__).parent


def sample_folders() -> list[Path]:
    """Folders of the sample models, by name."""
    return sorted(path.parent for path in HERE.glob(f"*/{MODEL_FILE}"))


def give_samples(store: Store, settings: Settings, person_id: str) -> int:
    """Put the sample models into somebody's list, if they never had them.

    Returns:
        How many they were given now.

    Raises:
        NotFound: there is nobody with this id.
        StorageFailed: the home folder cannot be written.
    """
    with store.look() as work:
        if person_now(work, person_id).has_samples:
            return 0
    with store.work() as work:
        work.alone(f"samples of {person_id}")
        person: Person = person_now(work, person_id)
        if person.has_samples:
            return 0
        work.put(person.model_copy(update={"has_samples": True}))
        own = settings_of(settings, person_id)
        taken = set(model_names(own))
        given = [folder for folder in sample_folders() if folder.name not in taken]
        for folder in given:
            model_id = new_id()
            target = _copy(own, folder, model_id)
            record = record_of_folder(target, model_id, person_id, store.now_s())
            work.add(record.model_copy(update={"is_sample": True, "state": ModelState.READY}))
    return len(given)


def _copy(own: Settings, folder: Path, model_id: str) -> Path:
    """A folder of one's own, whole or not at all."""
    target = own.models / folder.name
    with storage(own.models):
        own.models.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=own.models, prefix=".new-"))
        try:
            building.chmod(0o755)
            shutil.copytree(folder, building, dirs_exist_ok=True)
            mark_folder(building, model_id)
            building.rename(target)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return target
