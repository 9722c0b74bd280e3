"""What the command line answers to the shell: one number for each kind of error.

1 is left to mistakes in racecraft itself, and 2 is also what a wrong flag gives.
"""

from __future__ import annotations

from racecraft.domain.errors import (
    Conflict,
    CorruptCheckpoint,
    DownloadFailed,
    Forbidden,
    InvalidInput,
    InvalidReward,
    InvalidSpec,
    InvalidTrack,
    ModelNotFound,
    NotFound,
    NotGenuine,
    NotIsolated,
    QuotaExceeded,
    RacecraftError,
    RewardFailed,
    ServiceUnreachable,
    SignInNeeded,
    StorageFailed,
    TooManyRequests,
    TrackNotFound,
    TrainingFailed,
)

INTERRUPTED = 130
"""Ctrl-C, as shells count it: 128 and the number of the signal."""

EXIT_CODES: dict[type[BaseException], int] = {
    RacecraftError: 1,
    InvalidInput: 2,
    InvalidTrack: 2,
    InvalidSpec: 2,
    InvalidReward: 2,
    NotGenuine: 15,
    NotFound: 3,
    TrackNotFound: 3,
    ModelNotFound: 3,
    Conflict: 4,
    RewardFailed: 5,
    NotIsolated: 9,
    StorageFailed: 6,
    CorruptCheckpoint: 6,
    DownloadFailed: 7,
    TrainingFailed: 8,
    SignInNeeded: 10,
    Forbidden: 11,
    QuotaExceeded: 12,
    TooManyRequests: 13,
    ServiceUnreachable: 14,
    KeyboardInterrupt: INTERRUPTED,
}
"""Every error class by itself, so that a new one cannot slip through under its parent's number."""
