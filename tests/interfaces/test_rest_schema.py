"""The API does what its own description says, whatever is sent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.settings import Settings
from racecraft.service.store import open_store

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


_HOME = tempfile.TemporaryDirectory(prefix="racecraft-schema-")
_SETTINGS = Settings(home=Path(_HOME.name))
# Made while the tests are collected, because there is one test for each route.
schema = schemathesis.openapi.from_asgi(
    "/openapi.json",
    create_api(Installation(open_store(_SETTINGS), _SETTINGS, is_hosted=False, slots=1)),
)


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_a_documented_one(case: Case) -> None:
    case.call_and_validate(checks=CHECKS)
