"""The one picture of the architecture: folders as layers, and what a training passes through."""

from __future__ import annotations

from html import escape

_WIDTH, _ROW, _GAP, _LEFT = 960, 74, 16, 20
_FACES = (
    ("command line", "typer"),
    ("REST interface", "fastapi"),
    ("console", "nicegui, three.js"),
)
_INK, _PAPER, _LINE = "#1c2126", "#fbfbf8", "#5d6670"
_FILL = {
    "interfaces": "#dfe9f8",
    "service": "#e3f0e6",
    "training": "#fdebd2",
    "analysis": "#fdebd2",
    "sandbox": "#f7dfe0",
    "sim": "#e9e2f5",
    "tracks": "#eceeef",
    "domain": "#eceeef",
}
_TELLS = {
    "interfaces": "faces of the service; no rule lives here",
    "service": "what people do: use cases and records (SQL)",
    "training": "learns: PPO, SAC (torch)",
    "analysis": "reads what was driven: logs, films",
    "sandbox": "runs users' code in a locked process",
    "sim": "the world moving: physics, camera",
    "tracks": "shapes of roads, and their reader",
    "domain": "what racing is: values and pure rules",
}
_ROWS = (
    ("interfaces",),
    ("service",),
    ("training", "analysis"),
    ("sandbox", "sim"),
    ("tracks",),
    ("domain",),
)
_LIFE = (
    "You ask for a training",
    "it waits in the queue",
    "a worker claims it",
    "cars drive, the policy learns",
    "your reward is asked, locked in",
    "every step is written down",
    "you watch, evaluate and race it",
)


def layers_picture() -> str:
    """Layers from top to bottom; each may use those below it."""
    parts: list[str] = []
    y = 20
    inner = 640
    for row in _ROWS:
        width = (inner - _GAP * (len(row) - 1)) / len(row)
        for column, folder in enumerate(row):
            parts += _layer(folder, _LEFT + column * (width + _GAP), y, width)
        y += _ROW + _GAP
    bottom = y - _GAP
    parts += _life(_LEFT + inner + 30, 20, bottom)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 60}" '
        f'width="{_WIDTH}" height="{bottom + 60}" role="img" font-family="system-ui, sans-serif" '
        f'font-size="14" fill="{_INK}">\n<title>The layers of racecraft</title>\n'
        f'<rect width="100%" height="100%" rx="12" fill="{_PAPER}"/>\n'
        + "\n".join(parts)
        + f'\n<text x="{_LEFT}" y="{bottom + 36}" fill="{_LINE}">'
        "Each layer may use those below it, never one above; make lint checks it.</text>\n</svg>\n"
    )


def _layer(folder: str, x: float, y: float, width: float) -> list[str]:
    parts = [
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{_ROW}" rx="8" '
        f'fill="{_FILL[folder]}" stroke="{_LINE}"/>',
        f'<text x="{x + 14:g}" y="{y + 26:g}" font-weight="700">{folder}/</text>',
        f'<text x="{x + 14:g}" y="{y + (46 if folder != "interfaces" else 26):g}" '
        f'dx="{0 if folder != "interfaces" else 92}">{escape(_TELLS[folder])}</text>',
    ]
    if folder == "interfaces":
        for index, (name, library) in enumerate(_FACES):
            left = x + 14 + index * 208
            parts += [
                f'<rect x="{left:g}" y="{y + 36:g}" width="196" height="28" rx="6" fill="#fff" '
                f'stroke="{_LINE}"/>',
                f'<text x="{left + 10:g}" y="{y + 55:g}">{name} '
                f'<tspan fill="{_LINE}">{escape(library)}</tspan></text>',
            ]
    return parts


def _life(x: float, top: float, bottom: float) -> list[str]:
    """A training, from who asks to who watches."""
    step = (bottom - top - 60) / (len(_LIFE) - 1)
    parts = [
        f'<text x="{x:g}" y="{top + 18:g}" font-weight="700">The life of a training</text>',
        f'<line x1="{x + 6:g}" y1="{top + 44:g}" x2="{x + 6:g}" y2="{bottom - 12:g}" '
        f'stroke="{_LINE}" stroke-width="2"/>',
    ]
    for index, words in enumerate(_LIFE):
        y = top + 50 + index * step
        parts += [
            f'<circle cx="{x + 6:g}" cy="{y:g}" r="6" fill="#c62f3a"/>',
            f'<text x="{x + 22:g}" y="{y + 5:g}" font-size="13">{escape(words)}</text>',
        ]
    return parts
