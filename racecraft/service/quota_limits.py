"""How much a person, or everybody together, may use."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """Limits; None is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes_per_month: float | None = Field(
        None, ge=0, description="minutes of computing in a calendar month (UTC)"
    )
    models: int | None = Field(None, ge=0, description="models at the same time")
    jobs: int | None = Field(None, ge=1, description="jobs that are queued or run at the same time")
    disk_mb: float | None = Field(None, ge=0, description="megabytes of models and records")
