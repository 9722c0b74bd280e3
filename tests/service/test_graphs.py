"""The reward graph is read from the files of a model, line by line as they are added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from racecraft.service.graphs import Graphs, reward_graph
from racecraft.service.model_records import Model
from racecraft.service.settings import Settings
from racecraft.service.tails import Tail


def line(iteration: int, rewards: list[float], **more: Any) -> str:
    values = {
        "iteration": iteration,
        "env_steps": 100 * (iteration + 1),
        "training_s": 1.5 * (iteration + 1),
        "mean_reward": sum(rewards) / len(rewards) if rewards else None,
        "mean_progress": 10.0 * iteration,
        "mean_evaluation_progress": None,
        "clean_laps": 0,
        "best_iteration": iteration,
        "episode_rewards": rewards,
        "episode_progress": [5.0] * len(rewards),
    }
    return json.dumps(values | more) + "\n"


@pytest.fixture
def folder(settings: Settings) -> Path:
    made = settings.models / "m"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def model() -> Model:
    return Model(id="1", created_at_s=0.0, owner_id="local", name="m")


def test_a_graph_grows_with_the_file(settings: Settings, folder: Path, model: Model) -> None:
    graphs, file = Graphs(), folder / "progress.jsonl"
    assert graphs.graph(settings, model).iterations.iteration == []
    file.write_text(line(0, [1.0, 3.0]))
    assert graphs.graph(settings, model).iterations.mean_reward == [2.0]
    with file.open("a") as more:
        more.write(line(1, []) + line(2, [7.5]) + '{"iteration": 3, "mean')

    graph = graphs.graph(settings, model)

    assert graph.iterations.iteration == [0, 1, 2]
    assert graph.iterations.mean_reward == [2.0, None, 7.5]
    assert graph.episodes.iteration == [0, 0, 2]
    assert graph.episodes.reward == [1.0, 3.0, 7.5]
    assert graph.best_iteration == 2
    assert graph == reward_graph(settings, model)
    assert json.loads(graphs.json(settings, model)) == graph.model_dump()


def test_iterations_that_are_driven_again_replace_the_old_ones(
    settings: Settings, folder: Path, model: Model
) -> None:
    graphs, file = Graphs(), folder / "progress.jsonl"
    file.write_text("".join(line(k, [1.0]) for k in range(5)))
    graphs.graph(settings, model)
    file.write_text(line(0, [1.0]) + line(1, [2.0]))

    assert graphs.graph(settings, model).episodes.reward == [1.0, 2.0]


def test_a_model_that_came_with_metrics_only_has_its_episodes(
    settings: Settings, folder: Path, model: Model
) -> None:
    (folder / "metrics").mkdir()
    items = [
        {"episode": n + 1, "trial": n % 10 + 1, "phase": phase, "reward_score": n, **more}
        for n, phase in [(0, "training"), (9, "training"), (9, "evaluation"), (12, "training")]
        for more in [{"completion_percentage": 40}]
    ]
    (folder / "metrics" / "TrainingMetrics.json").write_text(json.dumps({"metrics": items}))

    graph = reward_graph(settings, model)

    assert graph.episodes.iteration == [0, 0, 1]
    assert graph.episodes.reward == [0.0, 9.0, 12.0]


@pytest.mark.parametrize("text", ["", "[]", '{"metrics": []}', '{"metrics": [{"trial": 1}]}'])
def test_metrics_of_another_kind_are_no_episodes(
    settings: Settings, folder: Path, model: Model, text: str
) -> None:
    (folder / "metrics").mkdir()
    (folder / "metrics" / "TrainingMetrics.json").write_text(text)

    assert reward_graph(settings, model).episodes.reward == []


def test_only_so_many_graphs_are_kept(settings: Settings, folder: Path, model: Model) -> None:
    graphs = Graphs(most=1)
    (folder / "progress.jsonl").write_text(line(0, [1.0]))
    (settings.models / "n").mkdir()
    other = model.model_copy(update={"name": "n"})
    for _ in range(2):
        assert graphs.graph(settings, model).episodes.reward == [1.0]
        assert graphs.graph(settings, other).episodes.reward == []


def test_a_tail_gives_every_whole_line_once(tmp_path: Path) -> None:
    file = tmp_path / "log"
    tail = Tail(file)
    assert tail.lines() == []
    file.write_text("one\ntw")
    assert (tail.lines(), tail.is_anew) == (["one"], True)
    assert tail.lines() == []
    with file.open("a") as more:
        more.write("o\nthree\n")
    assert (tail.lines(), tail.is_anew) == (["two", "three"], False)
    assert tail.lines() == []
    file.write_text("new\n")
    assert (tail.lines(), tail.is_anew) == (["new"], True)
    file.unlink()
    assert tail.lines() == []
