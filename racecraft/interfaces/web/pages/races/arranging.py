"""Arranging a race, and changing one: a form of three parts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import RacecraftError
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.ranking import RaceRules
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races.looks import RANKINGS, rule_rows
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import facts, panel
from racecraft.interfaces.web.widgets.fields import (
    About,
    ChoiceField,
    Field,
    NumberField,
    TextField,
    TickField,
)
from racecraft.interfaces.web.widgets.moments import MomentField
from racecraft.interfaces.web.widgets.notices import banner
from racecraft.service.races import arranging
from racecraft.service.races.boards import RaceView, view_race
from racecraft.service.races.race import Hosting, Visibility
from racecraft.service.races.refereeing import list_entered
from racecraft.service.tracks import TrackCard, list_tracks

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.races.race import Race

DAY_S = 86_400.0
_TYPES = {
    RaceType.TIME_TRIAL.value: "Time trial",
    RaceType.OBJECT_AVOIDANCE.value: "Object avoidance",
    RaceType.HEAD_TO_HEAD.value: "Head-to-head with bot cars",
}
_VISIBILITIES = {
    Visibility.SECRET.value: "Secret: whoever has the link",
    Visibility.LISTED.value: "Listed: everybody here",
}
_HOSTINGS = {
    Hosting.CLASSIC.value: "Classic: one after the other",
    Hosting.LIVE.value: "Live: while people watch",
}


async def arrange(visit: Visit) -> None:
    """A new race."""
    with page_head(visit, info="arranging-a-race", trail=[("Races", "/races")]):
        pass
    tracks = await visit.run(lambda asking: list_tracks(asking.settings.home))
    _Form(visit, tracks, None, is_entered=False).build()


async def edit(visit: Visit) -> None:
    """Changes to a race."""
    race_id = visit.params["race_id"]
    view, tracks, is_entered = await visit.run(lambda asking: _load(asking, race_id))
    trail = [("Races", "/races"), (view.race.name, f"/races/{race_id}")]
    with page_head(visit, info="arranging-a-race", trail=trail):
        pass
    if not view.is_mine:
        with banner("bad", "Only the organiser of this race can change it."):
            link_button("View race", f"/races/{race_id}")
        return
    _Form(visit, tracks, view.race, is_entered=is_entered).build()


def _load(asking: Asking, race_id: str) -> tuple[RaceView, list[TrackCard], bool]:
    """The race, the tracks, and whether anybody has entered a model already."""
    store, actor = asking.store, asking.actor
    view = view_race(store, actor, race_id)
    is_entered = view.is_mine and bool(list_entered(store, actor, race_id))
    return view, list_tracks(asking.settings.home), is_entered


class _Form:
    """The fields of a race, and what they say together."""

    def __init__(
        self, visit: Visit, tracks: list[TrackCard], race: Race | None, *, is_entered: bool
    ) -> None:
        self._visit, self._tracks, self._race = visit, tracks, race
        self._is_entered = is_entered
        self._rules = race.rules if race else RaceRules()
        self._fields: dict[str, Field] = {}

    def build(self) -> None:
        """Make the fields and the buttons."""
        with tag("div", "form-column"):
            self._about_the_race()
            if self._is_entered:
                self._fixed()
            else:
                self._about_the_track()
                self._about_the_ranking()
            self._error = words("p", "", "form-error", role="alert")
            with tag("div", "actions"):
                back = f"/races/{self._race.id}" if self._race else "/races"
                link_button("Cancel", back, kind="quiet")
                verb = "Save race" if self._race else "Create race"
                button(verb, self._send, kind="primary")

    def _about_the_race(self) -> None:
        race, now_s = self._race, time.time()
        soon_s = now_s // 3600.0 * 3600.0
        zone = "In your own time zone."
        add = self._fields
        with panel("The race", info="arranging-a-race"):
            name = race.name if race else ""
            add["name"] = TextField(About("Name", "1 to 64 characters."), name, maxlength=64)
            about = About("Description", "Up to 255 characters.", is_optional=True)
            story = race.description if race else ""
            add["description"] = TextField(about, story, lines=3, maxlength=255)
            with tag("div", "field-row"):
                starts_s = race.starts_at_s if race else soon_s
                add["starts_at_s"] = MomentField(About("Start", zone), starts_s)
                ends_s = race.ends_at_s if race else soon_s + 7.0 * DAY_S
                add["ends_at_s"] = MomentField(About("End", zone), ends_s)
            seen = race.visibility if race else Visibility.SECRET
            hosted = race.hosting if race else Hosting.CLASSIC
            about = About(
                "Hosting",
                "Classic: every model drives as soon as there is room. Live: models wait until you "
                "launch them.",
                info="a-live-race",
            )
            if not self._is_entered:
                add["hosting"] = ChoiceField(about, _HOSTINGS, hosted.value)
            add["visibility"] = ChoiceField("Who can find it", _VISIBILITIES, seen.value)
            about = About("Submissions of each racer", "0 for as many as they like.")
            most = race.max_submissions if race else 0
            add["max_submissions"] = NumberField(about, most, min=0, max=10_000, step=1)

    def _fixed(self) -> None:
        """What nobody can change once a model was entered."""
        with panel("Track and rules", info="the-rules"):
            tag(
                "p",
                text="Somebody has entered a model, so these stay as they are. To change them, "
                "copy the race and change the copy.",
            )
            facts(rule_rows(self._rules, 0)[:-1])

    def _about_the_track(self) -> None:
        rules, add = self._rules, self._fields
        with panel("The track", info="the-rules"):
            names = {card.name: f"{card.title} ({card.length_m:.1f} m)" for card in self._tracks}
            add["track"] = ChoiceField("Track", names, rules.track.name)
            add["is_reversed"] = TickField(
                About("Reversed", "Driven against its usual direction."), rules.track.is_reversed
            )
            add["type"] = ChoiceField("Race type", _TYPES, rules.race.type.value, self._turn)
            boxes = rules.race.obstacles
            about = About("Boxes on the road", "At random places, the same for everybody.")
            count = boxes.number if boxes else 6
            add["obstacles"] = NumberField(about, count, min=1, max=10, step=1)
            bots = rules.race.bots
            number = bots.count if bots else 4
            add["bots"] = NumberField("Bot cars", number, min=1, max=6, step=1)
            speed = bots.speed_mps if bots else 0.5
            add["bot_speed"] = NumberField(
                "Speed of the bot cars", speed, unit="m/s", min=0.1, max=4, step=0.1
            )
        self._turn(rules.race.type.value)

    def _about_the_ranking(self) -> None:
        rules, add = self._rules, self._fields
        with panel("The ranking", info="the-rules"):
            names = {method.value: text for method, text in RANKINGS.items()}
            add["ranking"] = ChoiceField("Ranking method", names, rules.ranking.value)
            with tag("div", "field-row"):
                about = About("Laps driven", "By each submission, 1 to 50.")
                add["laps"] = NumberField(about, rules.laps, min=1, max=50, step=1)
                about = About("Laps in a row", "To be ranked; an average is taken over so many.")
                add["min_laps"] = NumberField(about, rules.min_laps, min=1, max=50, step=1)
            add["is_continuous"] = TickField(
                About("All laps in one go", "Without a stop at the start line between them."),
                rules.is_continuous,
            )
            with tag("div", "field-row"):
                about = About("Resets a lap", "10,000 is as good as unlimited.")
                add["max_resets"] = NumberField(about, rules.max_resets, min=0, max=10_000, step=1)
                add["off_track_penalty_s"] = NumberField(
                    "Off-track penalty", rules.off_track_penalty_s, unit="s", min=0, max=60
                )
                add["collision_penalty_s"] = NumberField(
                    "Collision penalty", rules.collision_penalty_s, unit="s", min=0, max=60
                )

    def _turn(self, kind: str) -> None:
        """Show what belongs to a race type."""
        for name, owner in (
            ("obstacles", RaceType.OBJECT_AVOIDANCE),
            ("bots", RaceType.HEAD_TO_HEAD),
            ("bot_speed", RaceType.HEAD_TO_HEAD),
        ):
            root = self._fields[name].root
            root.props["hidden"] = kind != owner.value
            root.update()

    async def _send(self) -> None:
        self._error.text = ""
        empty = [name for name, field in self._fields.items() if field.value is None]
        for name in empty:
            self._fields[name].show_error("Write a number here, or choose a whole date and time.")
        if not str(self._fields["name"].value).strip():
            self._fields["name"].show_error("Give the race a name of 1 to 64 characters.")
            empty.append("name")
        if empty:
            self._fields[empty[0]].focus()
            return
        wish = self._wish()
        try:
            race = await self._visit.run(lambda asking: self._keep(asking, wish))
        except RacecraftError as error:
            self._error.text = str(error)
            return
        ui.navigate.to(f"/races/{race.id}")

    def _keep(self, asking: Asking, wish: dict[str, Any]) -> Race:
        store, settings, actor = asking.store, asking.settings, asking.actor
        if self._race is None:
            return arranging.arrange_race(store, settings, actor, wish)
        race = self._race
        return arranging.change_race(store, settings, actor, race.id, wish, seen=race.version)

    def _wish(self) -> dict[str, Any]:
        """The fields as the service wants them."""
        value = {name: field.value for name, field in self._fields.items()}
        own = ("name", "description", "starts_at_s", "ends_at_s", "visibility", "max_submissions")
        wish = {name: value[name] for name in own}
        if self._is_entered:
            return wish
        kind = value["type"]
        race: dict[str, Any] = {"type": kind}
        if kind == RaceType.OBJECT_AVOIDANCE.value:
            race["obstacles"] = {"count": value["obstacles"]}
        if kind == RaceType.HEAD_TO_HEAD.value:
            race["bots"] = {"count": value["bots"], "speed_mps": value["bot_speed"]}
        if self._rules.race.type.value == kind and self._is_same(value):
            race = self._rules.race.model_dump()
        rules = {
            **self._rules.model_dump(),
            "track": {"name": value["track"], "is_reversed": value["is_reversed"]},
            "race": race,
        }
        names = ("ranking", "laps", "min_laps", "is_continuous", "max_resets")
        for name in (*names, "off_track_penalty_s", "collision_penalty_s"):
            rules[name] = value[name]
        return {**wish, "hosting": value["hosting"], "rules": rules}

    def _is_same(self, value: dict[str, Any]) -> bool:
        """Whether what is on the road was left as it is; finer settings stay then."""
        race: RaceSpec = self._rules.race
        boxes = race.obstacles is None or value["obstacles"] == race.obstacles.number
        bots = race.bots is None or (
            value["bots"] == race.bots.count and value["bot_speed"] == race.bots.speed_mps
        )
        return boxes and bots
