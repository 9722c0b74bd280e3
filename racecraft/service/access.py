"""Who may do what: one table, asked by every use case before it does anything.

A person acts in a role. For each operation the table says how far each role reaches: to nothing,
to what is their own, or to everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from racecraft.domain.errors import Forbidden, NotFound


class Role(StrEnum):
    """What a person is on this installation; each may do all that the one before may."""

    RACER = "RACER"
    ORGANISER = "ORGANISER"
    ADMIN = "ADMIN"


class Reach(Enum):
    """How far a right goes."""

    NOTHING = auto()
    OWN = auto()
    ALL = auto()


class Scope(StrEnum):
    """What an API token may be used for."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Operation(StrEnum):
    """Everything that can be asked of the service."""

    VIEW_PROFILE = "view a profile"
    EDIT_PROFILE = "edit a profile"
    VIEW_VEHICLE = "view a vehicle"
    EDIT_VEHICLE = "edit a vehicle"
    VIEW_MODEL = "view a model"
    EDIT_MODEL = "edit a model"
    DELETE_MODEL = "delete a model"
    DOWNLOAD_MODEL = "download a model"
    DOWNLOAD_CAR_MODEL = "download a model for a physical car"
    VIEW_LOGS = "view uploaded logs"
    EDIT_LOGS = "upload or delete logs"
    RUN_JOB = "train or evaluate a model"
    VIEW_JOB = "view a job"
    STOP_JOB = "stop a job"
    MANAGE_TOKENS = "manage API tokens, sessions and passwords"
    RENEW_RECOVERY = "make a new recovery code"
    VIEW_QUOTA = "view used and free quota"
    SEARCH_PEOPLE = "search people"
    INVITE = "invite people"
    IMPORT_TRACK = "import tracks for everybody"
    VIEW_RACE = "view a race"
    MANAGE_RACES = "create, change and run races"
    ENTER_RACE = "enter a race"
    MANAGE_EVENTS = "create, change and run events and seasons"
    RENAME_RACER = "rename racers"
    EDIT_NAMING = "set the rule for racer names"
    SET_ROLE = "change a person's role"
    SET_QUOTA = "set quotas"
    DELETE_PERSON = "delete or lock out a person"
    EDIT_SETTINGS = "change settings of the installation"
    VIEW_USAGE = "view the usage of the installation"
    MANAGE_WORKERS = "let machines take jobs"
    VIEW_COURSE = "view progress in the course"
    TAKE_COURSE = "take the course"
    VIEW_CLASS = "view the progress of a class"

    @property
    def scope(self) -> Scope:
        """The scope that a token needs for it."""
        if self in _ADMINISTRATION:
            return Scope.ADMIN
        return Scope.READ if self.value.startswith(("view", "search", "download")) else Scope.WRITE


_ADMINISTRATION = {
    Operation.SET_ROLE,
    Operation.SET_QUOTA,
    Operation.DELETE_PERSON,
    Operation.EDIT_SETTINGS,
    Operation.VIEW_USAGE,
    Operation.MANAGE_WORKERS,
    Operation.MANAGE_TOKENS,
    Operation.RENEW_RECOVERY,
    Operation.INVITE,
}
_NOTHING, _OWN, _ALL = Reach.NOTHING, Reach.OWN, Reach.ALL

RIGHTS: dict[Operation, tuple[Reach, Reach, Reach]] = {
    # operation: (racer, organiser, admin)
    Operation.VIEW_PROFILE: (_ALL, _ALL, _ALL),
    Operation.EDIT_PROFILE: (_OWN, _OWN, _ALL),
    Operation.VIEW_VEHICLE: (_OWN, _OWN, _ALL),
    Operation.EDIT_VEHICLE: (_OWN, _OWN, _ALL),
    Operation.VIEW_MODEL: (_OWN, _ALL, _ALL),
    Operation.EDIT_MODEL: (_OWN, _OWN, _ALL),
    Operation.DELETE_MODEL: (_OWN, _OWN, _ALL),
    Operation.DOWNLOAD_MODEL: (_OWN, _OWN, _ALL),
    Operation.DOWNLOAD_CAR_MODEL: (_OWN, _ALL, _ALL),
    Operation.VIEW_LOGS: (_OWN, _OWN, _ALL),
    Operation.EDIT_LOGS: (_OWN, _OWN, _ALL),
    Operation.RUN_JOB: (_OWN, _OWN, _ALL),
    Operation.VIEW_JOB: (_OWN, _ALL, _ALL),
    Operation.STOP_JOB: (_OWN, _OWN, _ALL),
    Operation.MANAGE_TOKENS: (_OWN, _OWN, _OWN),
    Operation.RENEW_RECOVERY: (_OWN, _OWN, _ALL),
    Operation.VIEW_QUOTA: (_OWN, _OWN, _ALL),
    Operation.SEARCH_PEOPLE: (_NOTHING, _ALL, _ALL),
    Operation.INVITE: (_NOTHING, _ALL, _ALL),
    Operation.IMPORT_TRACK: (_NOTHING, _ALL, _ALL),
    Operation.VIEW_RACE: (_OWN, _ALL, _ALL),
    Operation.MANAGE_RACES: (_OWN, _ALL, _ALL),
    Operation.ENTER_RACE: (_OWN, _OWN, _OWN),
    Operation.MANAGE_EVENTS: (_NOTHING, _ALL, _ALL),
    Operation.RENAME_RACER: (_NOTHING, _ALL, _ALL),
    Operation.EDIT_NAMING: (_NOTHING, _ALL, _ALL),
    Operation.SET_ROLE: (_NOTHING, _NOTHING, _ALL),
    Operation.SET_QUOTA: (_NOTHING, _NOTHING, _ALL),
    Operation.DELETE_PERSON: (_OWN, _OWN, _ALL),
    Operation.EDIT_SETTINGS: (_NOTHING, _NOTHING, _ALL),
    Operation.VIEW_USAGE: (_NOTHING, _NOTHING, _ALL),
    Operation.MANAGE_WORKERS: (_NOTHING, _NOTHING, _ALL),
    Operation.VIEW_COURSE: (_OWN, _OWN, _OWN),
    Operation.TAKE_COURSE: (_OWN, _OWN, _OWN),
    Operation.VIEW_CLASS: (_NOTHING, _ALL, _ALL),
}


@dataclass(frozen=True)
class Actor:
    """A person as they act now."""

    person_id: str
    role: Role
    scopes: frozenset[Scope] = frozenset(Scope)
    """What they may do with the key that they came with; a session may do everything."""

    def may(self, operation: Operation, owner_id: str | None = None) -> bool:
        """Whether this person may do it, to a thing of that owner or to nobody's."""
        if operation.scope not in self.scopes:
            return False
        reach = RIGHTS[operation][list(Role).index(self.role)]
        return reach is Reach.ALL or (reach is Reach.OWN and owner_id in (None, self.person_id))

    def demand(self, operation: Operation, owner_id: str | None = None) -> None:
        """Stop here unless this person may do it.

        Args:
            operation: what.
            owner_id: whose thing it is to be done to; None where it belongs to nobody.

        Raises:
            Forbidden: they may not.
        """
        if self.may(operation, owner_id):
            return
        if operation.scope not in self.scopes:
            raise Forbidden(
                f"This API token may not {operation.value}; make one with the scope "
                f"{operation.scope.value!r}."
            )
        whose = "" if owner_id in (None, self.person_id) else " of somebody else"
        raise Forbidden(
            f"A {self.role.value.lower()} may not {operation.value}{whose}; ask an admin of this "
            "installation."
        )

    def demand_sight(self, operation: Operation, owner_id: str, thing: str, name: str) -> None:
        """`demand`, but who may not see a thing is not told that it exists.

        Raises:
            NotFound: they may not see it.
        """
        if not self.may(operation, owner_id):
            raise NotFound(f"There is no {thing} {name!r}.")
