"""The form of an evaluation."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import RacecraftError
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import EvaluationSpec
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, NumberField, TickField
from racecraft.service.making import evaluate

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.interfaces.web.pages.model.reading import Sheet
    from racecraft.interfaces.web.widgets.dialogs import Dialog

_TYPES = {
    RaceType.TIME_TRIAL.value: "Time trial: the clock alone",
    RaceType.OBJECT_AVOIDANCE.value: "Object avoidance: boxes on the road",
    RaceType.HEAD_TO_HEAD.value: "Head-to-head: bot cars on the road",
}
JITTER = 0.05
"""As in races, so that laps are no copies of each other."""


def ask_evaluation(page: OpenedModel, checkpoint: str = "best") -> None:
    """Open the form, with a checkpoint chosen."""
    with dialog("Start an evaluation", is_wide=True) as made:
        EvaluationForm(page, made, checkpoint)


class EvaluationForm:
    """What is to be driven, and how often."""

    def __init__(self, page: OpenedModel, made: Dialog, checkpoint: str) -> None:
        self._page, self._made = page, made
        sheet = page.sheet
        usual = EvaluationSpec()
        trained = sheet.documents.training if sheet.documents else None
        track = trained.tracks[0] if trained else usual.track
        race = trained.race if trained else usual.race
        tag("p", "dim", "The model drives by itself; nothing is learnt.")
        with tag("div", "form two"):
            tracks = {c.name: c.title for c in sheet.tracks.values() if not c.problem}
            about = About("Track", "Any track; one that it does not know shows what it has learnt.")
            self.track = ChoiceField(about, tracks, track.name)
            ways = {"no": "Normal", "yes": "Reversed"}
            way = "yes" if track.is_reversed else "no"
            self.direction = ChoiceField("Direction", ways, way)
            self.type = ChoiceField("Race type", _TYPES, race.type.value, self._show_objects)
            about = About("Checkpoint", "Which state of the training drives.")
            self.checkpoint = ChoiceField(about, _states(sheet), checkpoint)
            about = About("Trials", "Laps to try, 1 to 50. Races often ask for 3 or 5.")
            self.trials = NumberField(about, usual.trials, unit="laps", min=1, max=50, step=1)
        self._objects = tag("div", "form two")
        self._make_objects(race)
        with tag("details", "folded-plain"):
            tag("summary", text="More choices")
            with tag("div", "form two"):
                self._make_more(usual)
        self._wrong = words("p", "", "form-error", role="alert")
        self._show_objects(race.type.value)
        with made.foot:
            button("Cancel", made.close, kind="quiet")
            self._start = button("Start evaluation", self._send, kind="primary", icon="flag")

    def _make_objects(self, race: RaceSpec) -> None:
        boxes = race.obstacles or RaceSpec(type=RaceType.OBJECT_AVOIDANCE).obstacles
        bots = race.bots or RaceSpec(type=RaceType.HEAD_TO_HEAD).bots
        assert boxes is not None
        assert bots is not None
        with self._objects:
            self.boxes = NumberField("Boxes", boxes.number, min=1, max=10, step=1)
            places = {"random": "Other places in every lap", "even": "Evenly spaced"}
            place = boxes.places if isinstance(boxes.places, str) else "even"
            self.places = ChoiceField("Places of the boxes", places, place)
            self.bots = NumberField("Bot cars", bots.count, min=1, max=6, step=1)
            self.bot_speed = NumberField(
                "Speed of the bot cars", bots.speed_mps, unit="m/s", min=0.1, max=4, step=0.1
            )
            self.lanes = TickField("They change lanes now and then", bots.changes_lanes)

    def _make_more(self, usual: EvaluationSpec) -> None:
        about = About("Resets", "How often the car is put back on the road before a lap ends.")
        self.resets = NumberField(about, usual.max_resets, min=0, max=10_000, step=1)
        about = About("Off-track penalty", "Pause after leaving the road.")
        self.off_s = NumberField(about, usual.off_track_penalty_s, unit="s", min=0, max=60)
        about = About("Collision penalty", "Pause after a crash.")
        self.crash_s = NumberField(about, usual.collision_penalty_s, unit="s", min=0, max=60)
        about = About("Variation", "Of the time between two actions, as in races; 0: equal laps.")
        self.jitter = NumberField(about, 100 * JITTER, unit="%", min=0, max=10)
        about = About("Seed", "The same seed gives the same laps.")
        self.seed = NumberField(about, usual.seed, min=0, step=1)
        about = About("In one go", "Drive the laps one after the other without stopping.")
        self.in_one_go = TickField(about, usual.is_continuous)

    def _show_objects(self, kind: str) -> None:
        has_boxes = kind == RaceType.OBJECT_AVOIDANCE.value
        has_bots = kind == RaceType.HEAD_TO_HEAD.value
        shown = (
            (self.boxes, has_boxes),
            (self.places, has_boxes),
            (self.bots, has_bots),
            (self.bot_speed, has_bots),
            (self.lanes, has_bots),
        )
        for field, is_shown in shown:
            field.root.set_visibility(is_shown)
        self._objects.set_visibility(has_boxes or has_bots)

    def _race(self) -> dict[str, Any]:
        race: dict[str, Any] = {"type": self.type.value}
        if self.type.value == RaceType.OBJECT_AVOIDANCE.value:
            race["obstacles"] = {"count": _whole(self.boxes), "places": self.places.value}
        if self.type.value == RaceType.HEAD_TO_HEAD.value:
            race["bots"] = {
                "count": _whole(self.bots),
                "speed_mps": self.bot_speed.value,
                "changes_lanes": self.lanes.value,
            }
        return race

    def _numbers(self) -> list[NumberField]:
        """Those that must be numbers, as they are asked for now."""
        more = {
            RaceType.OBJECT_AVOIDANCE.value: [self.boxes],
            RaceType.HEAD_TO_HEAD.value: [self.bots, self.bot_speed],
        }
        rest = [self.resets, self.off_s, self.crash_s, self.jitter, self.seed]
        return [self.trials, *more.get(self.type.value, []), *rest]

    async def _send(self) -> None:
        self._wrong.text = ""
        faults = [(field, fault) for field in self._numbers() if (fault := _fault(field))]
        for field, fault in faults:
            field.show_error(fault)
        if faults:
            faults[0][0].focus()
            return
        wish = {
            "track": {"name": self.track.value, "is_reversed": self.direction.value == "yes"},
            "race": self._race(),
            "trials": _whole(self.trials),
            "checkpoint": self.checkpoint.value,
            "max_resets": _whole(self.resets),
            "off_track_penalty_s": self.off_s.value,
            "collision_penalty_s": self.crash_s.value,
            "is_continuous": self.in_one_go.value,
            "interval_jitter": self.jitter.value / 100,
            "seed": _whole(self.seed),
        }
        page = self._page
        try:
            await page.visit.run(
                lambda ask: evaluate(ask.store, ask.settings, ask.actor, page.model_id, wish)
            )
        except RacecraftError as error:
            self._tell(str(error))
            return
        page.visit.here.wake()
        await page.refresh()
        self._made.close()

    def _tell(self, sentence: str) -> None:
        """Say what does not fit beside the field that it names, else below them all."""
        fields = {
            "trials": self.trials,
            "obstacles.count": self.boxes,
            "bots.count": self.bots,
            "bots.speed_mps": self.bot_speed,
            "max_resets": self.resets,
            "off_track_penalty_s": self.off_s,
            "collision_penalty_s": self.crash_s,
            "seed": self.seed,
            "track": self.track,
        }
        for name, field in fields.items():
            if name in sentence:
                told = re.sub(rf"[\w.]*{re.escape(name)} is", f"{field.about.label}:", sentence)
                field.show_error(told)
                field.focus()
                return
        self._wrong.text = sentence


def _fault(field: NumberField) -> str:
    """What is wrong with a number, in words; nothing if it fits."""
    limits, value = field.control.props, field.value
    low, high, is_whole = limits["min"], limits.get("max"), limits.get("step") == 1
    most = math.inf if high is None else high
    if value is not None and low <= value <= most and (not is_whole or value % 1 == 0):
        return ""
    kind = "a whole number" if is_whole else "a number"
    span = f"of {low:g} or more" if high is None else f"from {low:g} to {high:g}"
    told = "" if value is None else f"{value:g} does not fit; "
    return f"{field.about.label}: {told}give {kind} {span}."


def _whole(field: NumberField) -> float | None:
    """The number as people read it: 3 rather than 3.0."""
    value = field.value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _states(sheet: Sheet) -> dict[str, str]:
    """Checkpoints that can drive, the newest first."""
    states = {"best": "The best one", "last": "The newest one"}
    for row in reversed(sheet.checkpoints):
        far = row.mean_evaluation_progress
        told = "" if far is None else f", {far:.0f} % of the lap"
        states[str(row.iteration)] = f"Iteration {row.iteration}{told}"
    return states
