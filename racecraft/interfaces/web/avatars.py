"""What racers look like: drawn from the words of their avatar, all shapes ours."""

from __future__ import annotations

from racecraft.service.people.person import Avatar

SKIN_TONES = {
    "light": "#f6d7bf",
    "fair": "#eebd98",
    "medium": "#d69a6c",
    "tan": "#b4754a",
    "brown": "#8a5534",
    "dark": "#5a3724",
}
_HAIR = "#3a2a20"
HEADS = {
    "helmet": "Helmet",
    "short": "Short hair",
    "curls": "Curls",
    "long": "Long hair",
    "bun": "Bun",
    "cap": "Cap",
    "bald": "Bald",
    "scarf": "Headscarf",
}
EYES = {
    "open": "Open",
    "happy": "Happy",
    "wink": "Wink",
    "glasses": "Glasses",
    "goggles": "Goggles",
}
EYEBROWS = {"straight": "Straight", "raised": "Raised", "bold": "Bold", "none": "None"}
MOUTHS = {"smile": "Smile", "grin": "Grin", "calm": "Calm", "wow": "Wow", "beard": "Beard"}
CLOTHES = {
    "overall": "Racing overall",
    "hoodie": "Hoodie",
    "shirt": "Shirt",
    "jacket": "Jacket",
    "stripes": "Stripes",
}
CHOICES: dict[str, dict[str, str]] = {
    "head": HEADS,
    "skin_tone": {tone: tone.capitalize() for tone in SKIN_TONES},
    "eyes": EYES,
    "eyebrows": EYEBROWS,
    "mouth": MOUTHS,
    "clothing": CLOTHES,
}
"""What the editor offers, by the field of `Avatar`."""
NAMES = {
    "head": "Head",
    "skin_tone": "Skin tone",
    "eyes": "Eyes",
    "eyebrows": "Eyebrows",
    "mouth": "Mouth",
    "clothing": "Clothing",
}
FACE = ("skin_tone", "eyes", "eyebrows", "mouth")
"""Fields that a closed helmet hides."""


def avatar_svg(avatar: Avatar, size_px: int = 160) -> str:
    """The picture, round; words that are not known draw nothing."""
    parts = [_clothing(avatar.clothing)]
    if avatar.head == "helmet":
        parts.append(_helmet())
    else:
        skin = SKIN_TONES.get(avatar.skin_tone, SKIN_TONES["medium"])
        parts += [_hair_behind(avatar.head), _face(skin), _hair(avatar.head)]
        parts += [_eyes(avatar.eyes), _eyebrows(avatar.eyebrows), _mouth(avatar.mouth)]
    return (
        f'<svg class="avatar" viewBox="0 0 200 200" width="{size_px}" height="{size_px}" '
        'fill="none" stroke-linecap="round" stroke-linejoin="round">'
        '<circle cx="100" cy="100" r="98" fill="var(--accent-soft)"/>'
        '<path d="M-10 178C40 120 40 60 90 -10" stroke="var(--accent)" stroke-width="9" '
        f'stroke-dasharray="18 15" opacity="0.35"/>{"".join(parts)}</svg>'
    )


def _clothing(kind: str) -> str:
    body = "M28 206c2-38 26-58 72-58s70 20 72 58z"
    paint = {"overall": "#c85600", "hoodie": "#4a6b8a", "shirt": "#e8e4dc", "jacket": "#23272d"}
    base = f'<path d="{body}" fill="{paint.get(kind, "#2f6fe0")}"/>'
    more = {
        "overall": '<path d="M100 150v56M58 160l10 46M142 160l-10 46" stroke="#fff" '
        'stroke-width="5"/><path d="M78 150l22 16 22-16" stroke="#7d3500" stroke-width="6"/>',
        "hoodie": '<path d="M66 152c8 26 60 26 68 0" stroke="#35506b" stroke-width="12"/>'
        '<path d="M88 172v18M112 172v18" stroke="#dfe7ee" stroke-width="4"/>',
        "shirt": '<path d="M76 149l24 22 24-22" stroke="#b9b2a5" stroke-width="6"/>',
        "jacket": '<path d="M100 160v46" stroke="#8d959e" stroke-width="4"/>'
        '<path d="M74 150l26 20 26-20" stroke="#ff7a1a" stroke-width="6"/>',
        "stripes": '<path d="M34 178h132M28 194h144M46 162h108" stroke="#f1f0ec" '
        'stroke-width="7"/>',
    }
    return base + more.get(kind, "")


def _helmet() -> str:
    return (
        '<path d="M78 134h44v26H78z" fill="#17191c"/>'
        '<path d="M46 104C44 60 68 36 102 36s58 26 56 66c0 8-2 26-10 36-14 8-74 8-92 '
        '0-6-8-9-22-10-34z"'
        ' fill="#f1f0ec"/><path d="M46 100C44 60 68 36 102 36s58 26 56 62" stroke="#c85600" '
        'stroke-width="10"/><path d="M92 37c8-2 14-2 22 0l-3 42H95z" fill="#c85600"/>'
        '<path d="M56 90c24-12 70-12 98 0 4 10 2 22-2 28-26 10-70 10-94 0-4-8-5-18-2-28z" '
        'fill="#1b2a3d"/><path d="M118 92l-14 28M132 94l-10 24" stroke="#5aa9ff" '
        'stroke-width="5"/><path d="M76 132h52M86 142h32" stroke="#8d959e" stroke-width="5"/>'
    )


def _face(skin: str) -> str:
    return (
        f'<path d="M84 128h32v24c0 10-32 10-32 0z" fill="{skin}"/>'
        f'<path d="M84 138c10 8 22 8 32 0v6c-10 9-22 9-32 0z" fill="#0003"/>'
        f'<ellipse cx="58" cy="102" rx="8" ry="11" fill="{skin}"/>'
        f'<ellipse cx="142" cy="102" rx="8" ry="11" fill="{skin}"/>'
        f'<path d="M60 90c0-32 18-46 40-46s40 14 40 46c0 34-18 54-40 54S60 124 60 90z" '
        f'fill="{skin}"/>'
        '<path d="M100 96v14h-5" stroke="#0005" stroke-width="3.5"/>'
    )


def _hair_behind(kind: str) -> str:
    behind = {
        "long": f'<path d="M52 150C44 90 50 36 100 34s58 56 48 116z" fill="{_HAIR}"/>',
        "bun": f'<circle cx="100" cy="30" r="17" fill="{_HAIR}"/>',
        "scarf": '<path d="M46 160C40 92 50 32 100 32s62 60 54 128z" fill="#7a52c7"/>',
    }
    return behind.get(kind, "")


def _hair(kind: str) -> str:
    fringe = (
        f'<path d="M58 88c0-34 18-50 42-50s44 16 42 50c-8-20-22-28-44-28S64 70 58 88z" '
        f'fill="{_HAIR}"/>'
    )
    curls = "".join(
        f'<circle cx="{x}" cy="{y}" r="15" fill="{_HAIR}"/>'
        for x, y in ((60, 78), (66, 58), (82, 46), (100, 42), (118, 46), (134, 58), (140, 78))
    )
    kinds = {
        "short": fringe,
        "long": fringe,
        "bun": fringe,
        "curls": curls,
        "cap": '<path d="M56 84c0-30 18-46 44-46s46 16 44 46c-24-12-64-12-88 0z" fill="#c85600"/>'
        '<path d="M58 82c26-12 66-10 104 4-2 6-8 8-14 6-30-8-60-10-90-10z" fill="#8f3d00"/>',
        "scarf": '<path d="M56 92c2-34 20-50 44-50s44 16 44 50c-8-22-22-30-44-30s-36 8-44 30z" '
        'fill="#6643ab"/>',
    }
    return kinds.get(kind, "")


def _eyes(kind: str) -> str:
    dots = (
        '<circle cx="83" cy="94" r="4.5" fill="#1b1f24"/><circle cx="117" cy="94" r="4.5" '
        'fill="#1b1f24"/>'
    )
    line = 'stroke="#1b1f24" stroke-width="4"'
    kinds = {
        "open": dots,
        "happy": f'<path d="M76 96c4-7 10-7 14 0M110 96c4-7 10-7 14 0" {line}/>',
        "wink": f'<circle cx="83" cy="94" r="4.5" fill="#1b1f24"/><path d="M110 95h14" {line}/>',
        "glasses": f'{dots}<circle cx="83" cy="94" r="13" {line}/><circle cx="117" cy="94" r="13" '
        f'{line}/><path d="M96 92h8M70 92l-9-3M130 92l9-3" {line}/>',
        "goggles": '<path d="M62 82h76v20c-14 10-28 6-38-2-10 8-24 12-38 2z" fill="#1b2a3d" '
        'stroke="#8d959e" stroke-width="4"/><path d="M84 86l-8 14M124 86l-8 14" '
        'stroke="#5aa9ff" stroke-width="4"/>',
    }
    return kinds.get(kind, "")


def _eyebrows(kind: str) -> str:
    kinds = {
        "straight": '<path d="M75 80h16M109 80h16" stroke="#3a2a20" stroke-width="4"/>',
        "raised": '<path d="M75 78c4-6 12-6 16-2M109 76c4-4 12-4 16 2" stroke="#3a2a20" '
        'stroke-width="4"/>',
        "bold": '<path d="M74 78l18 4M126 78l-18 4" stroke="#3a2a20" stroke-width="6"/>',
    }
    return kinds.get(kind, "")


def _mouth(kind: str) -> str:
    kinds = {
        "smile": '<path d="M86 119c8 8 20 8 28 0" stroke="#5c241c" stroke-width="4"/>',
        "grin": '<path d="M84 116h32c-1 12-8 16-16 16s-15-4-16-16z" fill="#fff" stroke="#5c241c" '
        'stroke-width="3"/>',
        "calm": '<path d="M88 121h24" stroke="#5c241c" stroke-width="4"/>',
        "wow": '<ellipse cx="100" cy="122" rx="7" ry="9" fill="#5c241c"/>',
        "beard": f'<path d="M62 106c2 30 18 44 38 44s36-14 38-44c-8 8-18 6-38 6s-30 2-38-6z" '
        f'fill="{_HAIR}"/><path d="M90 124c6 5 14 5 20 0" stroke="#f6d7bf" stroke-width="4"/>',
    }
    return kinds.get(kind, "")
