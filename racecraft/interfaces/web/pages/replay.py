"""Recorded laps in 3D: one, or several as ghosts; the address tells which, and which moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.episode import format_lap_time
from racecraft.domain.errors import NotFound
from racecraft.interfaces.web import world
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.interfaces.web.widgets.ticks import lap_tick
from racecraft.service.collection import view_model
from racecraft.service.evaluations import EvaluationRow, TrialRow, list_evaluations
from racecraft.service.model_folders import folder_of
from racecraft.service.pictures import REPLAY
from racecraft.service.stamps import stamp_s
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.domain.spec import TrackChoice
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.model_records import Model

MOST_LAPS = 8
_FORM = "laps-form"


@dataclass(frozen=True)
class Choice:
    """A lap that can be shown, and how the address names it: `20260102030405-1`."""

    model: Model
    evaluation: EvaluationRow
    trial: TrialRow

    @property
    def key(self) -> str:
        """As it stands in the address."""
        return f"{self.evaluation.stamp}-{self.trial.trial}"

    @property
    def track(self) -> TrackChoice:
        """Where it was driven, and which way round."""
        asked = self.evaluation.evaluation
        assert asked is not None
        return asked.track

    @property
    def recorded(self) -> world.RecordedLap:
        """For the 3D view."""
        return world.RecordedLap(
            model_id=self.model.id,
            stamp=self.evaluation.stamp,
            trial=self.trial.trial,
            label=f"{self.model.name}, trial {self.trial.trial}, {_result(self.trial)}",
            shell=self.model.shell,
            colour=self.model.colour,
            sensors=self.model.sensors,
            lap_time_s=self.trial.time_ms / 1000 if self.trial.is_lap else None,
        )


async def replay(visit: Visit) -> None:
    """The laps that the address names, else the best one of the newest evaluation."""
    model_id = visit.params["model_id"]
    model, choices, has_film = await visit.run(lambda asking: _load(asking, model_id))
    shown = _wanted(choices, visit.request.query_params.getlist("lap"))
    trail = [("Models", "/models"), (model.name, f"/models/{model.id}")]
    with page_head(visit, f"Replay of {model.name}", info="replay", trail=trail):
        pass
    if not shown:
        with empty_state(
            "No recorded laps yet",
            "Every lap of an evaluation is recorded. Evaluate this model, and its laps can be "
            "watched here from every side, against each other and in slow motion.",
        ):
            link_button("Go to the model", f"/models/{model.id}", kind="primary")
        return
    track = shown[0].track
    wished = visit.request.query_params.getlist("ideal")
    ideals = _ideals(shown[0])
    ghosts = [ideals[key] for key in ideals if key in wished]
    with panel(classes="replay-panel"):
        world.replay(
            track.name,
            [*(choice.recorded for choice in shown), *ghosts][:MOST_LAPS],
            is_reversed=track.is_reversed,
            film=f"/api/models/{model.id}/files/{REPLAY}" if has_film else None,
            is_shared=True,
        )
    with panel("Laps to show", info="laps-to-show"):
        _list_laps(choices, {choice.key for choice in shown}, (ideals, set(wished)))


def _load(asking: Asking, model_id: str) -> tuple[Model, list[Choice], bool]:
    model = view_model(asking.store, asking.actor, model_id).model
    folder = folder_of(asking.settings, model)
    rows = [row for row in list_evaluations(folder) if row.evaluation is not None]
    choices = [Choice(model, row, trial) for row in rows for trial in row.trials]
    return model, choices, (folder / REPLAY).is_file()


def _wanted(choices: list[Choice], keys: list[str]) -> list[Choice]:
    """The laps of the address, all of one road; the best of the newest evaluation without any."""
    by_key = {choice.key: choice for choice in choices}
    unknown = [key for key in keys if key not in by_key]
    if unknown:
        raise NotFound(
            f"There is no recorded lap {unknown[0][:40]!r} of this model; choose laps from the "
            "list of its replay page."
        )
    chosen = [by_key[key] for key in dict.fromkeys(keys)] or _best(choices)
    return [choice for choice in chosen if choice.track == chosen[0].track][:MOST_LAPS]


def _best(choices: list[Choice]) -> list[Choice]:
    """The best lap of the newest evaluation, or the one that came furthest; none of none."""
    newest = [choice for choice in choices if choice.evaluation is choices[0].evaluation]
    by_worth = sorted(
        newest,
        key=lambda choice: (
            not choice.trial.is_lap,
            choice.trial.time_ms if choice.trial.is_lap else -choice.trial.completion_percent,
        ),
    )
    return by_worth[:1]


def _ideals(shown: Choice) -> dict[str, world.RecordedLap]:
    """The fastest laps that are physically possible where a lap was driven, by their names."""
    limit, track = shown.evaluation.limit, shown.track
    tops = {"car": ("the car's limit", 4.0)}
    if limit is not None and limit.is_slower:
        tops["own"] = (f"the limit at {limit.own_top_mps:g} m/s", limit.own_top_mps)
    way = str(track.is_reversed).lower()
    return {
        key: world.RecordedLap(
            model_id=f"limit-{key}",
            stamp="",
            trial=1,
            label=f"Ideal line, {words}",
            drives=f"tracks/{track.name}/limit/drives?reversed={way}&top_speed={top_mps:g}",
        )
        for key, (words, top_mps) in tops.items()
    }


def _list_laps(
    choices: list[Choice],
    shown: set[str],
    ideal: tuple[dict[str, world.RecordedLap], set[str]],
) -> None:
    """A form whose ticks become the address."""
    with tag("form", "replay-form", method="get", id=_FORM):
        tag(
            "p",
            "dim",
            f"Tick up to {MOST_LAPS} laps of one track; the first is followed, the others drive "
            "beside it as ghosts from the same start.",
        )
        ideals, wished = ideal
        with tag("fieldset", "replay-laps"):
            tag("legend", text="Ghosts: what is physically possible, from a flying start")
            for key, lap in ideals.items():
                lap_tick("ideal", key, lap.label, is_on=key in wished)
        stamps = list(dict.fromkeys(choice.evaluation.stamp for choice in choices))
        for stamp in stamps:
            rows = [one for one in choices if one.evaluation.stamp == stamp]
            _list_evaluation(rows, shown)
        with tag("button", "button primary", type="submit"):
            tag("span", text="Show these laps")


def _list_evaluation(choices: list[Choice], shown: set[str]) -> None:
    with tag("fieldset", "replay-laps"):
        with tag("legend"):
            tag("span", text=f"{track_words(choices[0].track)} · ")
            moment(stamp_s(choices[0].evaluation.stamp))
        for choice in choices:
            text = f"Trial {choice.trial.trial}: {_result(choice.trial)}"
            lap_tick("lap", choice.key, text, is_on=choice.key in shown)


def _result(trial: TrialRow) -> str:
    if trial.is_lap:
        return format_lap_time(trial.time_ms)
    return f"{trial.status.lower()} at {trial.completion_percent:.0f} %"
