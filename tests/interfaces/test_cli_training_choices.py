"""Real trainings from the command line: several tracks, races, other sensors, randomised."""

from __future__ import annotations

import json
from pathlib import Path

from tests.interfaces.cli_processes import SMALL, environment, run, start

__all__ = ["environment"]  # fixtures


def test_several_tracks_are_trained_shown_and_evaluated_in_one_go(
    environment: dict[str, str],
) -> None:
    words = (*SMALL, "--track", "thimble:reversed", "--steps", "256", "--name", "blue-car")
    code, facts, errors = run(environment, *words)
    assert code == 0
    assert [row["track"] for row in facts["tracks"]] == ["pebble-oval", "thimble (reversed)"]
    assert all(row["laps"] == 1 for row in facts["tracks"])
    assert "weakest track " in errors

    drive = ("evaluate", "blue-car", "--trials", "2", "--track", "thimble", "--both-directions")
    code, facts, _ = run(environment, *drive)
    assert code == 0
    assert [(row["track"], row["reversed"]) for row in facts["tracks"]] == [
        ("thimble", False),
        ("thimble", True),
    ]
    assert facts["clean"] is all(row["clean"] for row in facts["tracks"])
    # Of each the same laps as alone.
    code, alone, _ = run(environment, "evaluate", "blue-car", "--trials", "2", "--track", "thimble")
    assert alone["laps"] == facts["tracks"][0]["laps"]
    files = [Path(file) for row in facts["tracks"] for file in row["files"]]
    assert len(set(files)) == 4
    assert all(file.stat().st_size for file in files)

    process = start(environment, *drive)
    assert process.stdout is not None
    first = [process.stdout.readline() for _ in range(3)]
    assert first[2].split()[0] == "thimble"
    assert process.poll() is None, "the first line is there while the second track is driven"
    table = "".join(first) + process.communicate()[0]
    assert "blue-car on 2 tracks:" in table
    assert "thimble (reversed)" in table
    assert "of 2 tracks." in table
    assert "× limit" in table

    code, facts, _ = run(environment, "evaluate", "blue-car", "--track", "thimble:sideways")
    assert code == 2
    assert "ends in 'sideways'" in facts["error"]


def test_a_race_is_trained_for_and_kept_by_evaluations_and_clones(
    environment: dict[str, str],
) -> None:
    words = (*SMALL, "--steps", "128", "--name", "dodger", "--reward", "avoid-objects")
    code, facts, _ = run(environment, *words, "--obstacles", "3")
    assert (code, facts["model"]) == (0, "dodger")
    shown = run(environment, "models", "show", "dodger")[1]
    assert shown["race"] == "object avoidance, 3 boxes at random places"

    code, facts, _ = run(environment, "evaluate", "dodger", "--trials", "2", "--resets", "2")
    assert code == 0
    assert facts["race"]["obstacles"]["count"] == 3
    assert {"crashes", "resets"} <= set(facts["laps"][0])
    more = ("--obstacle-places", "even", "--collision-penalty", "1", "--no-replay")
    facts = run(environment, "evaluate", "dodger", "--trials", "1", *more)[1]
    assert facts["race"]["obstacles"] == {"count": 3, "places": "even", "min_distance_m": 2.0}
    plain = ("evaluate", "dodger", "--trials", "1", "--race-type", "time-trial", "--no-replay")
    assert run(environment, *plain)[1]["race"] == {"type": "TIME_TRIAL"}

    clone = ("train", "--clone-of", "dodger", "--steps", "64", "--min-obstacle-distance", "3")
    assert run(environment, *clone)[0] == 0
    race = run(environment, "models", "show", "dodger-clone")[1]["training"]["race"]
    assert race["obstacles"] == {"count": 3, "places": "random", "min_distance_m": 3.0}


def test_a_race_that_cannot_be_is_refused_before_anything_is_made(
    environment: dict[str, str],
) -> None:
    crowded = ("--obstacles", "10", "--min-obstacle-distance", "5")
    code, facts, _ = run(environment, *SMALL, *crowded)
    assert code == 2
    assert "do not fit on pebble-oval" in facts["error"]
    code, facts, _ = run(environment, *SMALL, "--race-type", "TIME_TRIAL", "--obstacles", "2")
    assert code == 2
    assert "in which there are no obstacles" in facts["error"]
    assert run(environment, "models", "list")[1]["models"] == []

    run(environment, *SMALL, "--steps", "64", "--name", "plain")
    code, facts, _ = run(environment, "train", "--resume", "plain", "--obstacles", "2")
    assert code == 2
    assert "keeps its race" in facts["error"]


def test_a_model_with_stereo_and_lidar_is_trained_evaluated_and_cloned(
    environment: dict[str, str],
) -> None:
    sensors = ("--sensor", "LIDAR", "--sensor", "STEREO_CAMERAS")
    boxes = ("--race-type", "OBJECT_AVOIDANCE", "--obstacles", "3")
    code, _, errors = run(environment, *SMALL, *sensors, *boxes, "--steps", "128", "--name", "eyes")
    assert code == 0, errors
    _, shown, _ = run(environment, "models", "show", "eyes")
    assert shown["sensors"] == ["STEREO_CAMERAS", "LIDAR"]

    code, laps, errors = run(environment, "evaluate", "eyes", "--trials", "2", "--no-replay")
    assert code == 0, errors
    assert len(laps["laps"]) == 2

    code, _, errors = run(environment, "train", "--clone-of", "eyes", "--steps", "256")
    assert code == 0, errors
    code, failure, _ = run(environment, "train", "--clone-of", "eyes", "--sensor", "LIDAR")
    assert code == 2
    assert "its sensors are STEREO_CAMERAS, LIDAR, and the new model's are LIDAR" in str(failure)


def test_a_model_is_trained_as_a_vehicle_description_says(
    environment: dict[str, str], tmp_path: Path
) -> None:
    described = {
        "action_space": [{"steering_angle": a, "speed": 1.0} for a in (-20, 0, 20)],
        "sensor": ["FRONT_FACING_CAMERA", "DISCRETIZED_SECTOR_LIDAR"],
        "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
        "lidar_config": {"num_sectors": 4, "num_values_per_sector": 2, "clipping_dist": 1.5},
        "version": "4",
    }
    file = tmp_path / "model_metadata.json"
    file.write_text(json.dumps(described))
    words = (*SMALL, "--metadata", str(file), "--steps", "128", "--name", "as-told")

    code, facts, errors = run(environment, *words)

    assert code == 0, errors
    written = json.loads((Path(facts["folder"]) / "model" / "model_metadata.json").read_text())
    assert written["sensor"] == described["sensor"]
    assert written["lidar_config"] == described["lidar_config"]
    assert [a["steering_angle"] for a in written["action_space"]] == [-20, 0, 20]
    # The flag --network wins over the file.
    assert written["neural_network"] == "LIGHT"


def test_a_randomised_training_is_written_down_and_an_evaluation_takes_its_ranges(
    environment: dict[str, str], tmp_path: Path
) -> None:
    spec = tmp_path / "spec.json"
    ranges = {"light": {"brightness": [10, 20]}, "friction": {}}
    spec.write_text(json.dumps({"training": {"randomisation": ranges}}))
    words = (*SMALL, "--steps", "128", "--name", "blue-car", "--spec", str(spec))
    assert run(environment, *words)[0] == 0
    drive = ("evaluate", "blue-car", "--trials", "1")
    assert "randomisation" not in run(environment, *drive)[1]
    code, facts, _ = run(environment, *drive, "--randomise", "light", "--randomise", "blur")
    assert code == 0
    assert facts["randomisation"]["light"]["brightness"] == [10, 20]
    assert set(facts["randomisation"]) == {"light", "blur"}

    words = (*SMALL, "--steps", "128", "--name", "red-car", "--randomise", "all")
    code, facts, _ = run(environment, *words)
    assert code == 0
    written = json.loads((Path(facts["folder"]) / "training.json").read_text())
    assert all(written["randomisation"].values())
    code, facts, _ = run(environment, *words, "--randomise", "fog")
    assert code == 2
    assert "There is no randomisation 'fog'; choose from light" in facts["error"]
