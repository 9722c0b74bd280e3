"""The table of rights: every operation, every role, one's own thing and somebody else's."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import Forbidden, NotFound
from racecraft.service.access import RIGHTS, Actor, Operation, Role, Scope

# What each role may do to (its own, somebody else's) thing; written down a second time here, so
# that a slip in the table is seen.
YES, NO = True, False
EXPECTED = {
    "VIEW_PROFILE": ((YES, YES), (YES, YES), (YES, YES)),
    "EDIT_PROFILE": ((YES, NO), (YES, NO), (YES, YES)),
    "VIEW_VEHICLE": ((YES, NO), (YES, NO), (YES, YES)),
    "EDIT_VEHICLE": ((YES, NO), (YES, NO), (YES, YES)),
    "VIEW_MODEL": ((YES, NO), (YES, YES), (YES, YES)),
    "EDIT_MODEL": ((YES, NO), (YES, NO), (YES, YES)),
    "DELETE_MODEL": ((YES, NO), (YES, NO), (YES, YES)),
    "DOWNLOAD_MODEL": ((YES, NO), (YES, NO), (YES, YES)),
    "DOWNLOAD_CAR_MODEL": ((YES, NO), (YES, YES), (YES, YES)),
    "VIEW_LOGS": ((YES, NO), (YES, NO), (YES, YES)),
    "EDIT_LOGS": ((YES, NO), (YES, NO), (YES, YES)),
    "RUN_JOB": ((YES, NO), (YES, NO), (YES, YES)),
    "VIEW_JOB": ((YES, NO), (YES, YES), (YES, YES)),
    "STOP_JOB": ((YES, NO), (YES, NO), (YES, YES)),
    "MANAGE_TOKENS": ((YES, NO), (YES, NO), (YES, NO)),
    "RENEW_RECOVERY": ((YES, NO), (YES, NO), (YES, YES)),
    "VIEW_QUOTA": ((YES, NO), (YES, NO), (YES, YES)),
    "SEARCH_PEOPLE": ((NO, NO), (YES, YES), (YES, YES)),
    "INVITE": ((NO, NO), (YES, YES), (YES, YES)),
    "IMPORT_TRACK": ((NO, NO), (YES, YES), (YES, YES)),
    "VIEW_RACE": ((YES, NO), (YES, YES), (YES, YES)),
    "MANAGE_RACES": ((YES, NO), (YES, YES), (YES, YES)),
    "ENTER_RACE": ((YES, NO), (YES, NO), (YES, NO)),
    "MANAGE_EVENTS": ((NO, NO), (YES, YES), (YES, YES)),
    "RENAME_RACER": ((NO, NO), (YES, YES), (YES, YES)),
    "EDIT_NAMING": ((NO, NO), (YES, YES), (YES, YES)),
    "SET_ROLE": ((NO, NO), (NO, NO), (YES, YES)),
    "SET_QUOTA": ((NO, NO), (NO, NO), (YES, YES)),
    "DELETE_PERSON": ((YES, NO), (YES, NO), (YES, YES)),
    "EDIT_SETTINGS": ((NO, NO), (NO, NO), (YES, YES)),
    "VIEW_USAGE": ((NO, NO), (NO, NO), (YES, YES)),
    "MANAGE_WORKERS": ((NO, NO), (NO, NO), (YES, YES)),
    "VIEW_COURSE": ((YES, NO), (YES, NO), (YES, NO)),
    "TAKE_COURSE": ((YES, NO), (YES, NO), (YES, NO)),
    "VIEW_CLASS": ((NO, NO), (YES, YES), (YES, YES)),
}


def test_the_table_has_every_operation() -> None:
    assert set(RIGHTS) == set(Operation)
    assert set(EXPECTED) == {operation.name for operation in Operation}


@pytest.mark.parametrize("operation", list(Operation), ids=lambda each: each.name)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_as_far_as_it_should(operation: Operation, role: Role) -> None:
    actor = Actor("me", role)
    reached = actor.may(operation, "me"), actor.may(operation, "somebody")
    assert reached == EXPECTED[operation.name][list(Role).index(role)]


def test_who_may_not_is_told_what_and_whom_to_ask() -> None:
    with pytest.raises(Forbidden, match="A racer may not delete a model of somebody else; ask"):
        Actor("me", Role.RACER).demand(Operation.DELETE_MODEL, "somebody")


def test_who_may_not_see_a_thing_is_not_told_that_it_exists() -> None:
    with pytest.raises(NotFound, match="There is no model 'm1'"):
        Actor("me", Role.RACER).demand_sight(Operation.VIEW_MODEL, "somebody", "model", "m1")


@pytest.mark.parametrize(
    ("scopes", "operation", "is_allowed"),
    [
        ({Scope.READ}, Operation.VIEW_MODEL, True),
        ({Scope.READ}, Operation.RUN_JOB, False),
        ({Scope.WRITE}, Operation.RUN_JOB, True),
        ({Scope.READ, Scope.WRITE}, Operation.EDIT_SETTINGS, False),
        ({Scope.ADMIN}, Operation.EDIT_SETTINGS, True),
        ({Scope.READ, Scope.WRITE}, Operation.MANAGE_TOKENS, False),
        ({Scope.READ, Scope.WRITE}, Operation.RENEW_RECOVERY, False),
    ],
)
def test_a_token_does_only_what_its_scopes_say(
    scopes: set[Scope], operation: Operation, is_allowed: bool
) -> None:
    actor = Actor("me", Role.ADMIN, frozenset(scopes))
    assert actor.may(operation, "me") is is_allowed
    if not is_allowed:
        with pytest.raises(Forbidden, match="API token may not"):
            actor.demand(operation, "me")
