"""Every error that a person can meet, as one tree.

    RacecraftError
    ├── InvalidInput           what was given cannot be used
    │   ├── InvalidTrack       a track file or shape breaks a rule
    │   ├── InvalidSpec        a model, training or evaluation document breaks a rule
    │   ├── InvalidReward      the reward source has no usable reward_function
    │   └── NotGenuine         a signed document is not what was signed
    ├── NotFound               a name that nothing has
    │   ├── TrackNotFound
    │   └── ModelNotFound
    ├── Conflict               the thing exists, or is busy
    ├── SignInNeeded           nobody is signed in, or the name and password do not fit
    ├── Forbidden              this person may not do that
    ├── QuotaExceeded          more than this person or this machine may use
    ├── TooManyRequests        too often in a short time
    ├── RewardFailed           the user's reward function raised, or returned what is not a number
    ├── NotIsolated            this system cannot lock in other people's code
    ├── StorageFailed          a file could not be written or read
    │   └── CorruptCheckpoint  a checkpoint is damaged or incomplete
    ├── ServiceUnreachable     the service does not answer at the moment
    ├── DownloadFailed         a download did not arrive, or is not what it should be
    └── TrainingFailed         learning cannot go on (for instance the loss is not a number)

A message is a whole sentence: what is wrong, the value met, what to do.
"""


class RacecraftError(Exception):
    """Anything that racecraft can tell a person in one sentence."""


class InvalidInput(RacecraftError):
    """What was given cannot be used as it is."""


class InvalidTrack(InvalidInput):
    """A track file or track shape breaks a rule that every track keeps."""


class InvalidSpec(InvalidInput):
    """A document or a set of flags asks for what is not possible."""


class InvalidReward(InvalidInput):
    """The reward source is not Python, or holds no `reward_function(params)`."""


class NotGenuine(InvalidInput):
    """A signed document is not what was signed."""


class NotFound(RacecraftError):
    """Nothing has the name that was asked for."""


class TrackNotFound(NotFound):
    """No shipped or imported track has this name."""


class ModelNotFound(NotFound):
    """No model folder has this name."""


class Conflict(RacecraftError):
    """The thing to be made exists already, or is in use."""


class SignInNeeded(RacecraftError):
    """Nobody is signed in, or what they signed in with does not fit."""


class Forbidden(RacecraftError):
    """The person who asks may not do that."""


class QuotaExceeded(RacecraftError):
    """It would use more than the person, or the whole installation, may use."""


class TooManyRequests(RacecraftError):
    """Asked too often in a short time."""

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s
        """How long until it may be tried again."""


class RewardFailed(RacecraftError):
    """The user's reward function raised, or returned something that is not a usable number."""

    def __init__(self, message: str, *, printed: str = "") -> None:
        super().__init__(message)
        self.printed = printed
        """What it had printed and nobody had fetched yet."""


class NotIsolated(RacecraftError):
    """Other people's code was to be run, and this system cannot lock it in."""


class StorageFailed(RacecraftError):
    """A file could not be written or read."""


class CorruptCheckpoint(StorageFailed):
    """A checkpoint is damaged or incomplete."""


class ServiceUnreachable(RacecraftError):
    """The service does not answer at the moment."""


class DownloadFailed(RacecraftError):
    """A download did not arrive, or is not what it should be."""


class TrainingFailed(RacecraftError):
    """Learning cannot go on."""
