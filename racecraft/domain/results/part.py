"""What parts of results have in common, and a lap."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import NotGenuine


class Part(BaseModel):
    """A part of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LapResult(Part):
    """One lap of a submission."""

    trial: int = Field(description="from 1")
    time_ms: int = Field(description="simulated time with penalties")
    completion_percent: float = Field(description="0 to 100")
    status: str = Field(description="how it ended, such as lap_complete")
    start_time_ms: int = 0
    off_track_count: int = 0
    crash_count: int = 0
    reversed_count: int = 0
    immobilized_count: int = 0
    overtakes: int = 0

    @property
    def plain(self) -> Trial:
        """As rankings want it.

        Raises:
            NotGenuine: there is no such status.
        """
        try:
            status = EpisodeStatus[self.status.upper()]
        except KeyError as error:
            raise NotGenuine(f"A lap cannot end with {self.status[:40]!r}.") from error
        return Trial(**{**self.model_dump(), "status": status})
