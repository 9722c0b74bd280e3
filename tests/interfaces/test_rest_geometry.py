"""The road of a track over REST."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from racecraft.service.tracks import export_track
from racecraft.tracks.library import load_track, shipped_names


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path)
    here = Installation(open_store(settings), settings, is_hosted=False, slots=1)
    with TestClient(create_api(here)) as client:
        yield client
    here.store.close()


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize("name", shipped_names())
def test_the_road_is_the_one_that_is_driven(
    client: TestClient, name: str, is_reversed: bool
) -> None:
    answer = client.get(f"/tracks/{name}/geometry", params={"reversed": is_reversed}).json()

    track = load_track(name, is_reversed=is_reversed)
    for line in ("centre", "inner", "outer"):
        np.testing.assert_allclose(answer[line], getattr(track, line), atol=1e-4)
    assert answer["length_m"] == pytest.approx(track.length_m, abs=1e-3)
    assert answer["is_counter_clockwise"] == track.is_counter_clockwise


@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_start_line_crosses_the_road_where_the_cars_start(
    client: TestClient, is_reversed: bool
) -> None:
    answer = client.get("/tracks/pebble-oval/geometry", params={"reversed": is_reversed}).json()

    start = answer["start"]
    across = np.subtract(start["outer"], start["inner"])
    ahead = [np.cos(start["heading_rad"]), np.sin(start["heading_rad"])]
    assert np.linalg.norm(across) == pytest.approx(answer["width_m"], rel=0.05)
    assert across @ ahead == pytest.approx(0.0, abs=0.05)
    middle = np.add(start["inner"], start["outer"]) / 2
    np.testing.assert_allclose(middle, [start["x_m"], start["y_m"]], atol=0.05)


def test_an_imported_track_has_a_road_too(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "tracks").mkdir(exist_ok=True)
    file = export_track(tmp_path, "pebble-oval", tmp_path / "oval.npy")
    shutil.copy(file, tmp_path / "tracks" / "my_oval.npy")

    answer = client.get("/tracks/my_oval/geometry").json()

    assert (answer["name"], answer["title"]) == ("my_oval", "my_oval")
    assert len(answer["centre"]) == len(load_track("pebble-oval").centre)


@pytest.mark.parametrize(
    ("name", "status"), [("no-such-road", 404), ("..%5C..%5Cetc", 422), ("%2Fetc%2Fpasswd", 404)]
)
def test_other_names_have_no_road(client: TestClient, name: str, status: int) -> None:
    assert client.get(f"/tracks/{name}/geometry").status_code == status
