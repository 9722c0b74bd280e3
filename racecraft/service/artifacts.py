"""A second place for models, by URL: `s3://bucket/prefix`, another cloud's, or `file:///folder`.

What a worker writes reaches it while the job runs. Every file lies there under its checksum, and
one index names the files of a model as they were between two iterations. The index is replaced
last and in one step, so whoever reads finds a whole model with its last complete checkpoint,
whatever was cut short meanwhile. What no index names any more is removed after that.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from racecraft.domain.errors import InvalidInput, NotFound, StorageFailed
from racecraft.service.archives.layout import files_of, rule_of
from racecraft.service.archives.manifest import FileEntry, Manifest
from racecraft.service.digests import Digests
from racecraft.service.files import storage

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore

    from racecraft.service.settings import Settings

_INDEX = "index.json"
_TIMEOUT = "30s"


class ArtifactStore:
    """Copies of models; safe to use from several processes, one writer a model."""

    def __init__(self, url: str) -> None:
        """Know where it is; nothing is asked yet.

        Credentials and endpoint come from the environment, as other programs for such stores
        read them (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and so on).

        Raises:
            InvalidInput: the URL is of no kind that is known.
        """
        self._url, self._digests = url, Digests()
        try:
            self._store = _opened(url)
        except Exception as error:  # its classes differ by kind of store
            raise InvalidInput(
                f"The store for models is {url!r}, which cannot be used ({_first_line(error)}); "
                "write for instance s3://bucket/prefix or file:///folder."
            ) from error

    def keep(self, folder: Path, model_id: str) -> int:
        """Bring the copy of a model to what its folder holds; gives how many files were sent.

        Nothing may write to the folder meanwhile.

        Raises:
            StorageFailed: the folder cannot be read, or the store does not answer.
        """
        before = self._index(model_id)
        has = {file.sha256 for file in before.files} if before else set()
        entries = tuple(self._digests.entry(folder, name) for name in files_of(folder))
        missing = {entry.sha256: entry for entry in entries if entry.sha256 not in has}
        with self._asked():
            import obstore

            for sha256, entry in missing.items():
                obstore.put(self._store, f"{model_id}/{sha256}", folder / entry.path)
            index = Manifest(racecraft=version("racecraft"), name=folder.name, files=entries)
            if index != before:
                data = index.model_dump_json().encode()
                obstore.put(self._store, f"{model_id}/{_INDEX}", data)
            gone = has - {entry.sha256 for entry in entries}
            if gone:
                obstore.delete(self._store, [f"{model_id}/{sha256}" for sha256 in sorted(gone)])
        return len(missing)

    def has(self, model_id: str) -> bool:
        """Whether there is a copy of a model.

        Raises:
            StorageFailed: the store does not answer.
        """
        return self._index(model_id) is not None

    def fetch(self, model_id: str, target: Path) -> None:
        """Make a model's folder from its copy, whole or not at all.

        Args:
            model_id: of the model.
            target: the folder, which must not be there.

        Raises:
            NotFound: there is no copy.
            StorageFailed: the store does not answer, or what it gave is damaged.
        """
        index = self._index(model_id)
        if index is None:
            raise NotFound(f"There is no copy of the model {model_id} in {self._url}.")
        with storage(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
            try:
                building.chmod(0o755)
                for entry in index.files:
                    if rule_of(entry.path) is None:
                        raise StorageFailed(
                            f"The copy of {model_id} in {self._url} names {entry.path!r}."
                        )
                    (building / entry.path).parent.mkdir(parents=True, exist_ok=True)
                    self.fetch_file(model_id, entry, building / entry.path)
                building.rename(target)
            except BaseException:
                shutil.rmtree(building, ignore_errors=True)
                raise

    def forget(self, model_id: str) -> None:
        """Remove the copy of a model; nothing happens if there is none.

        Raises:
            StorageFailed: the store does not answer.
        """
        import obstore

        with self._asked():
            found = [
                each["path"] for batch in obstore.list(self._store, model_id) for each in batch
            ]
            # The index first: what it names is then nobody's, even if this is cut short.
            found.sort(key=lambda path: not path.endswith(_INDEX))
            if found:
                obstore.delete(self._store, found[:1])
                obstore.delete(self._store, found[1:])
        self._digests.forget()

    def _index(self, model_id: str) -> Manifest | None:
        import obstore

        try:
            with self._asked():
                data = obstore.get(self._store, f"{model_id}/{_INDEX}").bytes()
            return Manifest.model_validate_json(bytes(data))
        except NotFound:
            return None
        except ValidationError as error:
            raise StorageFailed(f"The copy of {model_id} in {self._url} is damaged.") from error

    def fetch_file(self, model_id: str, entry: FileEntry, path: Path) -> None:
        """Get one file of a copy, whole or not at all.

        Raises:
            NotFound: the copy has no such file.
            StorageFailed: the store does not answer, or what it gave is damaged.
        """
        import obstore

        digest, part = hashlib.sha256(), path.with_name(f".{path.name}.part")
        try:
            with self._asked(), part.open("wb") as file:
                for chunk in obstore.get(self._store, f"{model_id}/{entry.sha256}").stream():
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != entry.sha256:
                raise StorageFailed(f"The copy of {entry.path} in {self._url} is damaged.")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Turn failures of the store into sentences; its classes are many and undocumented."""
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"{self._url} has no such file.") from error
        except (BaseError, OSError) as error:
            raise StorageFailed(
                f"The store {self._url} could not be used: {_first_line(error)}. Check that it "
                "answers and that its keys are right."
            ) from error


def _opened(url: str) -> ObjectStore:
    from obstore.store import from_url

    if url.startswith("file:"):
        return from_url(url, mkdir=True)
    # An address without encryption is used only if the environment names one, in one's own network.
    client: ClientConfig = {"timeout": _TIMEOUT, "allow_http": True}
    return from_url(url, client_options=client, retry_config={"max_retries": 3})


def open_artifacts(settings: Settings) -> ArtifactStore | None:
    """The second place for models; None when there is none.

    Raises:
        InvalidInput: its URL cannot be used.
    """
    return ArtifactStore(settings.artifacts_url) if settings.artifacts_url else None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
