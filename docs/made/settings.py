"""The page of environment variables, from the settings of the service."""

from __future__ import annotations

from made.markdown import NOTE, allowed, default, table
from racecraft.service.settings import Settings

_OTHERS = (
    (
        "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`",
        "keys and address of the store that `RACECRAFT_ARTIFACTS_URL` names",
    ),
    ("`HTTPS_PROXY`, `NO_PROXY`", "proxy for downloads of tracks and for servers"),
    ("`NO_COLOR`", "text without colours in the terminal"),
)


def settings_page() -> str:
    """Every environment variable that racecraft reads."""
    rows = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"RACECRAFT_{name.upper()}"
        shown = "your user's data folder" if name == "home" else default(field)
        values = "a folder" if "Path" in str(field.annotation) else allowed(field)
        if "SecretStr" in str(field.annotation):
            values = "text"
        rows.append((f"`{variable}`", values, shown, field.description or ""))
    return f"""{NOTE}
# Settings

Read from the environment once, when a command starts. A value that does not fit is refused with a
sentence. What the admin of a [server](../how-to/service.md) sets for everybody (registration,
quotas, rules for names) is kept with the records and set in the console.

{table(("variable", "values", "default", "meaning"), rows)}
`RACECRAFT_HOME` is usually `~/.local/share/racecraft` on Linux, `~/Library/Application
Support/racecraft` on macOS and `%LOCALAPPDATA%\\racecraft` on Windows; `racecraft doctor` says
where.

Libraries that racecraft uses read some variables of their own:

{table(("variable", "meaning"), _OTHERS)}"""
