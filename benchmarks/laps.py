"""Time the evaluation of a model folder's best checkpoint; prints one JSON object.

A process of its own for `benchmarks.speed`, so that painting the track and loading the policy
count, as they do for `racecraft evaluate`, and imports do not.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from racecraft.domain.spec import EvaluationSpec
from racecraft.service.clones import checkpoint_folder
from racecraft.service.models import load_model, load_training
from racecraft.training.evaluate import evaluate


def main() -> None:
    """Drive as many laps as the second argument says with the model in the first."""
    folder, trials = Path(sys.argv[1]), int(sys.argv[2])
    evaluation = EvaluationSpec(track=load_training(folder).tracks[0], trials=trials)
    begin = time.perf_counter()
    driven = evaluate(load_model(folder), checkpoint_folder(folder, "best"), evaluation).trials
    seconds = time.perf_counter() - begin
    lap_s = [trial.time_ms / 1000 for trial in driven]
    clean = sum(trial.is_clean for trial in driven)
    print(json.dumps({"seconds": seconds, "clean": clean, "lap_s": lap_s}))


if __name__ == "__main__":
    main()
