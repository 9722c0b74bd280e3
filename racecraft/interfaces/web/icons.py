"""Small drawings on a field of 24 by 24, in lines of the colour of the text around them."""

from __future__ import annotations

_LINES = {
    "flag": "M5 21V4m0 1c4-2 7 2 13 0v9c-6 2-9-2-13 0",
    "garage": "M3 20V9l9-5 9 5v11M7 20v-8h10v8M7 16h10",
    "car": "M3 15v-3l3-1 2-4h7l3 4 3 1v3h-2m-4 0H9m-4 0H3M7 15a2 2 0 1 0 0 .1M17 15a2 2 0 1 0 0 .1",
    "model": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5",
    "track": "M7 19c-4 0-5-6-1-7s3-7 8-7 7 5 5 8-4 1-6 3 0 3-6 3z",
    "chart": "M4 4v16h16M7 15l4-5 3 3 5-7",
    "trophy": "M8 4h8v6a4 4 0 0 1-8 0zM8 6H4c0 4 2 5 4 5m8-5h4c0 4-2 5-4 5M12 14v4m-4 2h8",
    "profile": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-6 8-6s7 1 8 6",
    "people": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.6-4.5 3-6 6.5-6s5.9 1.5 "
    "6.5 6M16 4.5a3.2 3.2 0 0 1 0 6.3M18 14c2 .6 3.2 2.5 3.5 6",
    "ticket": "M3 7h18v3a2 2 0 0 0 0 4v3H3v-3a2 2 0 0 0 0-4zM14 7v10",
    "settings": "M4 7h9m4 0h3M4 17h3m4 0h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"
    "M9 19a2 2 0 1 0 0-4 2 2 "
    "0 0 0 0 4z",
    "queue": "M4 6h16M4 12h10M4 18h7M17 12v8m0 0l3-3m-3 3l-3-3",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.8v.1",
    "good": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.5l2.8 2.8L16 9.5",
    "bad": "M12 3l9.5 17h-19zM12 10v4.5M12 17.2v.1",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "cross": "M6 6l12 12M18 6L6 18",
    "plus": "M12 5v14M5 12h14",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20.5 20.5",
    "refresh": "M20 11a8 8 0 1 0-2 6m2-12v6h-6",
    "gear": "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 "
    "5.6l1.8 1.8M16.6 16.6l1.8 1.8M5.6 18.4l1.8-1.8M16.6 7.4l1.8-1.8",
    "left": "M14.5 6l-6 6 6 6",
    "right": "M9.5 6l6 6-6 6",
    "down": "M6 9.5l6 6 6-6",
    "up": "M6 14.5l6-6 6 6",
    "more": "M5 12v.1M12 12v.1M19 12v.1",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "out": "M13 5h6v6m0-6l-8 8M16 14v5H5V8h5",
    "edit": "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
    "trash": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
    "clone": "M9 9h11v11H9zM5 15H4V4h11v1",
    "download": "M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 20h14",
    "upload": "M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 20h14",
    "play": "M8 5.5v13l10.5-6.5z",
    "stop": "M7 7h10v10H7z",
    "sun": "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3L7 "
    "7M17 17l1.7 1.7M5.3 18.7L7 17M17 7l1.7-1.7",
    "moon": "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
    "leave": "M10 4H5v16h5M9 12h11m0 0l-4-4m4 4l-4 4",
    "learn": "M3 8l9-4 9 4-9 4zM7 10v5c3 2.5 7 2.5 10 0v-5M21 8v6",
    "book": "M12 6c-2-2-5-2-8-1v14c3-1 6-1 8 1 2-2 5-2 8-1V5c-3-1-6-1-8 1zM12 6v14",
    "camera": "M4 8h4l1.5-2h5L16 8h4v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.5 3.2 3.2 0 0 0 0 6.5z",
    "dot": "M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2z",
}


def icon(name: str, size_px: int = 18) -> str:
    """The SVG of an icon; it says nothing to screen readers, so a text must stand beside it."""
    return (
        f'<svg class="icon" width="{size_px}" height="{size_px}" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" '
        f'aria-hidden="true" focusable="false"><path d="{_LINES[name]}"/></svg>'
    )


LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" width="28" height="28" fill="none" aria-hidden="true" '
    'focusable="false" stroke-linecap="round"><path d="M5 27C5 13 13 5 27 5" '
    'stroke="var(--accent)" stroke-width="4.2" stroke-dasharray="7.2 6.2"/>'
    '<path d="M14.5 27c0-7 5.5-12.5 12.5-12.5" stroke="currentColor" '
    'stroke-width="4.2"/></svg>'
)
"""The dashed centre line through an apex, and the kerb inside it."""
