"""`python -m racecraft.analysis.shipped_limits` writes the `limit.json` of the shipped tracks anew.

Only where the track or the method has changed, unless `--all` is said: another processor may find
another last digit.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from racecraft.analysis.fastest_lap import fastest_lap
from racecraft.domain.car import CarSpec
from racecraft.tracks.library import FOLDER, load_track, shipped_names
from racecraft.tracks.limits import FILE, lap_document, limit_key, stale_tracks


def write_limits(names: Iterable[str]) -> list[str]:
    """Work out the limits of some shipped tracks in both directions; the names again."""
    car, done = CarSpec(), []
    for name in names:
        laps = {}
        for turned in (False, True):
            track = load_track(name, is_reversed=turned)
            key = limit_key(track, car, car.max_speed_mps)
            laps[key] = lap_document(fastest_lap(track, car))
        text = json.dumps(laps, separators=(",", ":")).replace('],"', '],\n"')
        (FOLDER / name / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
        done.append(name)
    return done


if __name__ == "__main__":
    wanted = shipped_names() if "--all" in sys.argv[1:] else stale_tracks()
    print("\n".join(write_limits(wanted)) or "Every limit is fresh.")
