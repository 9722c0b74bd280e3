"""Settings: read once from the environment, then handed to every service function.

This is the only module that reads environment variables. Each one is the name of the field
in capitals behind `RACECRAFT_`, for instance `RACECRAFT_HOME`.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from racecraft.domain.errors import InvalidInput


def usual_home() -> Path:
    """Where everything is kept unless RACECRAFT_HOME says otherwise."""
    return Path(platformdirs.user_data_dir("racecraft", appauthor=False))


class Settings(BaseSettings):
    """Where things lie and what this machine may spend."""

    model_config = SettingsConfigDict(env_prefix="RACECRAFT_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=usual_home,
        description="folder that holds models and imported tracks",
    )
    tracks_url: str | None = Field(None, description="where tracks are downloaded from")
    database_url: str | None = Field(
        None,
        description="PostgreSQL database of the records; a SQLite file in the home folder without",
    )
    server: str | None = Field(
        None, description="address of the service that the command line works on; none for here"
    )
    token: SecretStr | None = Field(None, description="API token for that service")
    trusted_proxies: str | None = Field(
        None,
        description="addresses of reverse proxies whose word about where a request comes from is "
        "taken, separated by commas",
    )
    artifacts_url: str | None = Field(
        None,
        description="store that gets a copy of every model that a job works on, such as "
        "s3://bucket/prefix; its keys are read from the environment as usual (AWS_…)",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="what a monitoring program shows to read /metrics; an admin's API token does, "
        "too",
    )
    threads: int = Field(
        2, ge=1, le=64, description="processor cores of a new training; part of its seed"
    )
    requires_isolation: bool = Field(
        False,
        description="refuse to run reward functions where the system cannot lock them in; for "
        "machines that run other people's code",
    )

    person: str | None = Field(
        None,
        validation_alias="RACECRAFT_PERSON",
        pattern=r"^[0-9a-z]{1,64}$",
        description="whose models these are, on a machine of several people",
    )
    numba_cache: Path | None = Field(
        None,
        validation_alias="NUMBA_CACHE_DIR",
        description="where Numba keeps compiled kernels, when not beside their source",
    )

    @field_validator("home")
    @classmethod
    def _is_absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @property
    def models(self) -> Path:
        """Folder with one folder a model."""
        return self._own / "models"

    @property
    def logs(self) -> Path:
        """Folder with one folder an upload of logs."""
        return self._own / "logs"

    @property
    def comparisons(self) -> Path:
        """Folder with one folder a comparison."""
        return self._own / "comparisons"

    @property
    def _own(self) -> Path:
        return self.home if self.person is None else self.home / "people" / self.person

    def of(self, person: str | None) -> Settings:
        """These settings as somebody else sees them, whose models lie apart from all others'."""
        return self.model_copy(update={"person": person})

    @property
    def races(self) -> Path:
        """Folder with the records of races of models against each other."""
        return self.home / "races"

    @property
    def sweeps(self) -> Path:
        """Folder with one folder a sweep."""
        return self.home / "sweeps"

    @property
    def tracks(self) -> Path:
        """Folder with imported tracks."""
        return self.home / "tracks"


def read_settings() -> Settings:
    """Settings from the environment.

    Raises:
        InvalidInput: an environment variable does not fit.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"RACECRAFT_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise InvalidInput(
            f"The environment variable {name} is {first['input']!r}: {first['msg']}. "
            "Change it or unset it."
        ) from error
