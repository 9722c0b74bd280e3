"""The arrays of a checkpoint as 32-bit floats, read from safetensors without torch.

numpy has no 16-bit floats of the kind that networks are trained with (bfloat16); they are the upper
half of 32-bit ones.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import CorruptCheckpoint

Weights = dict[str, NDArray[np.float32]]
_HEAD = struct.Struct("<Q")


def read_weights(path: Path) -> Weights:
    """Every array of a safetensors file.

    Raises:
        CorruptCheckpoint: the file is missing, damaged, or holds what is not a finite number.
    """
    try:
        data = path.read_bytes()
        length = int(_HEAD.unpack_from(data)[0])
        header = json.loads(data[_HEAD.size : _HEAD.size + length])
        body = memoryview(data)[_HEAD.size + length :]
        header.pop("__metadata__", None)
        weights = {name: _array(entry, body) for name, entry in header.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise CorruptCheckpoint(
            f"The checkpoint {path.parent} cannot be read ({error}); choose another checkpoint."
        ) from error
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise CorruptCheckpoint(
                f"The checkpoint {path.parent} cannot be used: {name} holds values that are not "
                "finite numbers; choose another checkpoint."
            )
    return weights


def _array(entry: dict[str, Any], body: memoryview) -> NDArray[np.float32]:
    start, stop = entry["data_offsets"]
    data, kind = body[start:stop], entry["dtype"]
    if kind == "BF16":
        upper = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        values = upper.view(np.float32)
    elif kind == "F32":
        values = np.frombuffer(data, "<f4").astype(np.float32)
    else:
        raise ValueError(f"an array holds {kind} instead of 16- or 32-bit floats")
    return values.reshape(entry["shape"])
