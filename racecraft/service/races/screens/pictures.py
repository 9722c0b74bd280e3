"""Pictures that people upload: hostile until they were decoded, and never kept as they came.

What is kept is a PNG that we have written ourselves from the decoded pixels, so nothing of the
file (texts, profiles, code behind the picture) is ever served.
"""

from __future__ import annotations

import io
import warnings

from racecraft.domain.errors import InvalidInput

MOST_BYTES = 2_000_000
MOST_PIXELS = 4096
"""On a side."""
KEPT_WIDTH, KEPT_HEIGHT = 1200, 480
"""Larger pictures are made so small."""
_FORMATS = ("PNG", "JPEG")


def safe_png(data: bytes) -> bytes:
    """A picture written anew.

    Args:
        data: a PNG or JPEG file.

    Raises:
        InvalidInput: it is too large, or no such picture.
    """
    from PIL import Image, ImageOps

    if len(data) > MOST_BYTES:
        raise InvalidInput(f"The picture has {len(data)} bytes; send at most {MOST_BYTES}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                _refuse_size(opened.size)  # before a single pixel is decoded
                upright = ImageOps.exif_transpose(opened)
                plain = upright.convert("RGBA")
    except InvalidInput:
        raise
    except Exception as error:
        # A decoder may fail in many ways at bytes that somebody made up.
        raise InvalidInput("This is no PNG or JPEG picture; choose another file.") from error
    plain.thumbnail((KEPT_WIDTH, KEPT_HEIGHT))
    file = io.BytesIO()
    Image.frombytes("RGBA", plain.size, plain.tobytes()).save(file, "PNG", optimize=True)
    return file.getvalue()


def _refuse_size(size: tuple[int, int]) -> None:
    width, height = size
    if not (1 <= width <= MOST_PIXELS and 1 <= height <= MOST_PIXELS):
        raise InvalidInput(
            f"The picture is {width} × {height} pixels; send one of at most {MOST_PIXELS} on a "
            "side."
        )
