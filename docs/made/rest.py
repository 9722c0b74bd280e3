"""The page of the REST interface, from its OpenAPI document."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from made.markdown import NOTE, number, table
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.errors import RESPONSES
from racecraft.interfaces.who import Installation
from racecraft.service.settings import Settings
from racecraft.service.store import open_store

_ERRORS = [(str(status), str(told["description"])) for status, told in RESPONSES.items()]
_METHODS = ("get", "post", "put", "patch", "delete")


def openapi_document() -> dict[str, Any]:
    """What `GET /api/openapi.json` answers."""
    with tempfile.TemporaryDirectory(prefix="racecraft-docs-") as home:
        settings = Settings(home=Path(home))
        store = open_store(settings)
        try:
            here = Installation(store, settings, is_hosted=False, slots=1)
            return create_api(here).openapi()
        finally:
            store.close()


def rest_page() -> str:
    """Every route, what it takes and answers; then the documents that go to and fro."""
    document = openapi_document()
    nouns: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                noun = (item[method].get("tags") or ["other"])[0]
                nouns.setdefault(noun, []).append(_route(method, path, item[method]))
    routes = "".join(f"\n## {noun.capitalize()}\n{''.join(rows)}" for noun, rows in nouns.items())
    schemas = document["components"]["schemas"]
    documents = "".join(_schema(name, schemas[name]) for name in sorted(schemas))
    return f"""{NOTE}
# The REST interface

Every route begins with `/api`. How to sign in, page through lists, send tokens and avoid doing
things twice is told in [the service](../how-to/service.md#the-api). On a running server `/api/docs`
is this page with forms to try it, and `/api/openapi.json` the same for programs; both work without
a network.

Instead of its answer every route may send `{{"error": {{"kind", "message"}}}}`, whose message is a
sentence for people, with one of these:

{table(("status", "meaning"), _ERRORS)}{routes}
# Documents

What requests and answers are made of.
{documents}"""


def _route(method: str, path: str, told: dict[str, Any]) -> str:
    text = f"\n### {method.upper()} {path}\n\n{_line(told.get('description') or told['summary'])}\n"
    parameters = [
        (
            f"`{one['name']}`",
            one["in"],
            _kind(one.get("schema", {})),
            _line(one.get("description") or one.get("schema", {}).get("description") or "–"),
        )
        for one in told.get("parameters", [])
    ]
    if parameters:
        text += f"\n{table(('parameter', 'in', 'kind', 'meaning'), parameters)}"
    body = told.get("requestBody", {}).get("content", {})
    if body:
        text += f"\nTakes {_content(body)}.\n"
    answers = [
        f"{status}: {_content(answer['content'])}" if answer.get("content") else f"{status}"
        for status, answer in told["responses"].items()
        if status.startswith("2")
    ]
    return text + f"\nAnswers {'; '.join(answers)}.\n"


def _content(content: dict[str, Any]) -> str:
    kinds = []
    for kind, told in content.items():
        schema = _kind(told.get("schema", {}))
        kinds.append(schema if kind == "application/json" else f"`{kind}`")
    return " or ".join(dict.fromkeys(kinds))


def _schema(name: str, schema: dict[str, Any]) -> str:
    text = f"\n## {name}\n\n{_line(schema.get('description', ''))}\n"
    if "enum" in schema:
        return text + "\nOne of " + ", ".join(f"`{value}`" for value in schema["enum"]) + ".\n"
    needed = set(schema.get("required", []))
    rows = [
        (
            f"`{field}`",
            _kind(told),
            "needed" if field in needed else _default(told),
            _line(told.get("description", "–")),
        )
        for field, told in schema.get("properties", {}).items()
    ]
    return text + (f"\n{table(('field', 'kind', 'default', 'meaning'), rows)}" if rows else "")


def _kind(schema: dict[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(_kind(one) for one in choices))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    names = {"string": "text", "integer": "whole number", "boolean": "`true`, `false`"}
    return " ".join([names.get(kind, kind), *_bounds(schema)])


def _bounds(schema: dict[str, Any]) -> list[str]:
    words = {
        "minimum": "from {}",
        "exclusiveMinimum": "above {}",
        "maximum": "to {}",
        "exclusiveMaximum": "below {}",
        "maxLength": "of up to {} characters",
    }
    return [text.format(number(schema[key])) for key, text in words.items() if key in schema]


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value is None or isinstance(value, dict | list):
        return "–"
    return f"`{number(value)}`" if value != "" else "–"


def _line(text: str) -> str:
    plain = " ".join(text.split()).replace("|", "\\|")
    return re.sub(r"<(\w+)>", r"`\1`", plain)
