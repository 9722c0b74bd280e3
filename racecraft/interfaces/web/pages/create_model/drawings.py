"""Small pictures for choices: roads with what is on them, actions, algorithms."""

from __future__ import annotations

_ROAD = "M-6 74C40 74 44 20 96 20S150 62 206 62"
_BOX = '<rect x="-8" y="-7" width="16" height="14" rx="2" fill="#c98a4b" stroke="#7a4f22"/>'


def _car(x: int, y: int, turn: int, colour: str) -> str:
    return (
        f'<g transform="translate({x} {y}) rotate({turn})"><rect x="-13" y="-7" width="26" '
        f'height="14" rx="4.5" fill="{colour}"/><rect x="-3" y="-5" width="9" height="10" rx="2" '
        'fill="#14171a" opacity=".75"/></g>'
    )


def _scene(*things: str) -> str:
    return (
        '<svg viewBox="0 0 200 92" class="scene" fill="none"><rect width="200" height="92" '
        'rx="8" fill="var(--raised)"/>'
        f'<path d="{_ROAD}" stroke="var(--edge)" stroke-width="40"/>'
        f'<path d="{_ROAD}" stroke="#3d434b" stroke-width="36"/>'
        f'<path d="{_ROAD}" stroke="#ff9d2e" stroke-width="2" stroke-dasharray="8 8"/>'
        f"{''.join(things)}</svg>"
    )


_OWN = _car(62, 36, -48, "#ff7a1a")
TIME_TRIAL = _scene(_OWN)
BOXES = _scene(
    _OWN,
    f'<g transform="translate(100 30)">{_BOX}</g>',
    f'<g transform="translate(152 40) rotate(30)">{_BOX}</g>',
)
CARS = _scene(_OWN, _car(106, 14, 4, "#5aa9ff"), _car(158, 52, 30, "#3ddc97"))


def preset_picture(name: str) -> str:
    """What a preset is about."""
    pictures = {"boxes": BOXES, "bots": CARS, "first-laps": _FAST, "everywhere": _MANY, "": _BLANK}
    return pictures.get(name, TIME_TRIAL)


_FAST = _scene(
    _car(96, 20, 0, "#ff7a1a"),
    '<g stroke="#fff" stroke-width="2.4" stroke-linecap="round" opacity=".8"><path d="M52 13h22"/>'
    '<path d="M44 21h26"/><path d="M54 29h20"/></g>',
)
_BLANK = (
    '<svg viewBox="0 0 200 92" class="scene" fill="none"><rect x="1" y="1" width="198" height="90" '
    'rx="8" fill="var(--raised)" stroke="var(--edge)" stroke-dasharray="6 6"/><path d="M100 30v32M'
    '84 46h32" stroke="var(--dim)" stroke-width="3" stroke-linecap="round"/></svg>'
)
_LOOPS = (
    "M34 46c0-26 40-26 40 0s-40 26-40 0z",
    "M92 60c-12-8-8-34 10-32 12 2 8 14 18 16s8 24-4 22-14 0-24-6z",
    "M146 30c14-12 34 0 28 16s-10 20-22 14-18-20-6-30z",
)
_MANY = (
    '<svg viewBox="0 0 200 92" class="scene" fill="none"><rect width="200" height="92" rx="8" '
    'fill="var(--raised)"/>'
    + "".join(
        f'<path d="{loop}" stroke="#3d434b" stroke-width="11"/>'
        f'<path d="{loop}" stroke="#ff9d2e" stroke-width="1.2" stroke-dasharray="4 4"/>'
        for loop in _LOOPS
    )
    + "</svg>"
)


def _fan(inside: str) -> str:
    return (
        '<svg viewBox="0 0 200 92" class="scene" fill="none"><rect width="200" height="92" rx="8" '
        f'fill="var(--raised)"/>{inside}</svg>'
    )


DISCRETE = _fan(
    '<g stroke="var(--accent)" stroke-width="3" stroke-linecap="round">'
    '<path d="M100 80L56 42M100 80L76 28M100 80V20M100 80l24-52M100 80l44-38"/></g>'
    '<g fill="var(--accent)"><circle cx="56" cy="42" r="5"/><circle cx="76" cy="28" r="5"/>'
    '<circle cx="100" cy="20" r="5"/><circle cx="124" cy="28" r="5"/>'
    '<circle cx="144" cy="42" r="5"/></g>'
)
CONTINUOUS = _fan(
    '<path d="M100 80L52 38A64 64 0 0 1 148 38z" fill="var(--accent-soft)" '
    'stroke="var(--accent)" stroke-width="2.5" stroke-linejoin="round"/>'
    '<g fill="var(--accent)"><circle cx="52" cy="38" r="5"/><circle cx="148" cy="38" r="5"/>'
    '<circle cx="100" cy="17" r="5"/></g>'
)
