"""The live race: its organiser launches, reorders, decides; everybody else sees how it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races import planning
from racecraft.interfaces.web.pages.races.heats import draw_bracket, draw_now, draw_past
from racecraft.interfaces.web.pages.races.looks import road_banner, span
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, icon_button, link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.service.races.boards import RaceView, view_race
from racecraft.service.races.live import finals, running
from racecraft.service.races.live.records import HeatKind, HeatStatus
from racecraft.service.races.live.stage import view_show
from racecraft.service.races.live.views import HeatView, LiveView
from racecraft.service.races.race import Hosting
from racecraft.service.races.roads import road_note
from racecraft.service.races.screens.keeping import watching_code

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

LOOKS_S = 1.0


async def show(visit: Visit) -> None:
    """How the live race stands, and what its organiser does with it."""
    race_id = visit.params["race_id"]
    view, live, code = await visit.run(lambda asking: _load(asking, race_id))
    race = view.race
    note = await visit.run(lambda a: road_note(a.settings, race.rules.track, race.track_sha256))
    trail = [("Races", "/races"), (view.race.name, f"/races/{race_id}")]
    with page_head(visit, info="a-live-race", trail=trail):
        if code:
            link_button("Watch", f"/screen/{code}", kind="primary", icon="play")
    road_banner(note)
    page = _Page(visit, view)
    page.build(live)

    async def look() -> None:
        page.refresh((await visit.run(lambda asking: _load(asking, race_id)))[1])

    page.look = look
    ui.timer(LOOKS_S, look, immediate=False)


def _load(asking: Asking, race_id: str) -> tuple[RaceView, LiveView, str]:
    view = view_race(asking.store, asking.actor, race_id)
    code = watching_code(asking.store, asking.actor, race_id)
    return view, view_show(asking.store, asking.actor, race_id), code


class _Page:
    """The parts of the page; each is drawn anew when what it shows has changed."""

    def __init__(self, visit: Visit, view: RaceView) -> None:
        self.visit, self.view, self.race_id = visit, view, view.race.id
        self.is_mine = view.is_mine
        self.look: Callable[[], Any] = lambda: None
        self._told: dict[str, object] = {}

    def build(self, live: LiveView) -> None:
        """Make the places of the parts."""
        if self.is_mine:
            with panel("The show", info="running-a-live-race"):
                self._state = tag("div")
        self._now = tag("div", "maybe")
        with panel("Up next", info="the-queue"):
            self._queue = tag("div")
        self._bracket = tag("div", "maybe")
        self._past = tag("div", "maybe")
        self.refresh(live)

    def refresh(self, live: LiveView) -> None:
        """Draw what has changed."""
        now = live.now
        phase = now and (now.id, now.status, now.attempt)
        if self.is_mine:
            state = (live.has_begun, live.is_over, live.is_paused, live.autolaunch, phase)
            plan = (live.starts_at_s, live.gap_s, bool(live.bracket), bool(live.queue), live.podium)
            self._draw("state", self._state, (state, plan), lambda: self._show_state(live))
        self._draw("now", self._now, (phase, live.podium), lambda: draw_now(live))
        self._draw("queue", self._queue, (live.queue, phase), lambda: self._show_queue(live))
        self._draw("bracket", self._bracket, live.bracket, lambda: draw_bracket(live.bracket))
        self._draw("past", self._past, (live.past, phase), lambda: draw_past(live, self._actions))

    def _draw(self, name: str, place: Any, told: object, draw: Callable[[], None]) -> None:
        if name in self._told and self._told[name] == told:
            return
        self._told[name] = told
        place.clear()
        with place:
            draw()

    async def _do(self, work: Callable[[Asking], object], words: str = "") -> None:
        """Do something, and show at once what came of it."""

        def ask(asking: Asking) -> None:
            work(asking)
            asking.wake()

        await self.visit.run(ask)
        if words:
            say(self.visit, words)
        await self.look()

    def _run(self, work: Callable[[Asking], object], words: str = "") -> Callable[[], Any]:
        return lambda: self._do(work, words)

    def _show_state(self, live: LiveView) -> None:
        race_id = self.race_id
        with tag("div", "badges"):
            word = "Over" if live.is_over else "Running" if live.has_begun else "Not begun"
            badge(word, "good" if live.has_begun and not live.is_over else "")
            if live.is_paused:
                badge("Paused", "info")
            if live.autolaunch:
                badge("Launches by itself", "info")
            if not live.has_begun and live.starts_at_s:
                tag("span", "dim", f"begins in {span(live.starts_at_s - time.time())}")
        is_running = live.has_begun and not live.is_over
        with tag("div", "actions show-actions"):
            if not is_running:
                begin = self._run(lambda a: running.begin(a.store, a.actor, race_id))
                button("Begin now", begin, kind="" if live.is_over else "primary")
            self._launching(live, is_running)
            if is_running:
                wish = {"is_paused": not live.is_paused}
                turn = self._run(lambda a: running.change_show(a.store, a.actor, race_id, wish))
                button("Go on" if live.is_paused else "Pause", turn)
            planning.buttons(live, race_id, self._do)

    def _launching(self, live: LiveView, is_running: bool) -> None:
        """What begins or ends a heat."""
        race_id = self.race_id
        if live.now is not None:
            if live.now.status is HeatStatus.SHOWN:
                skip = self._run(lambda a: running.skip_heat(a.store, a.actor, race_id))
                button("Cut short", skip)
            return
        if live.queue:
            button(
                "Launch next",
                self._run(lambda a: running.launch_heat(a.store, a.actor, race_id)),
                kind="primary" if is_running else "",
                icon="play",
            )
        alone = [heat for heat in live.queue if heat.kind is HeatKind.SOLO]
        if len(alone) > 1:
            button(
                f"Launch {min(len(alone), 8)} together",
                self._run(lambda a: running.launch_together(a.store, a.actor, race_id)),
            )

    def _show_queue(self, live: LiveView) -> None:
        if not live.queue:
            comes = "Every model that is entered comes here"
            if self.view.race.hosting is Hosting.CLASSIC:
                comes = "Models drive by themselves in this race; its finals and brackets come here"
            tag("p", "dim", f"Nothing waits. {comes}.")
            return
        with tag("ol", "rows queue"):
            for place, heat in enumerate(live.queue):
                with tag("li"):
                    self._waiting(live, place, heat)

    def _waiting(self, live: LiveView, place: int, heat: HeatView) -> None:
        tag("strong", text=heat.title)
        if heat.kind is not HeatKind.SOLO:
            tag("span", "dim", " – ".join(car.name for car in heat.cars))
        if heat.message:
            tag("span", "field-error", heat.message)
        tag("span", "grow")
        if not self.is_mine:
            return
        ids = [each.id for each in live.queue]

        def moved(by: int) -> list[str]:
            order = list(ids)
            order.insert(place + by, order.pop(place))
            return order

        race_id = self.race_id
        for by, label, icon in ((-1, "earlier", "up"), (1, "later", "down")):
            if 0 <= place + by < len(ids):
                order = moved(by)
                icon_button(
                    f"{heat.title} {label}",
                    icon,
                    self._run(partial(_reorder, race_id, order)),
                )
        if live.now is None:
            button(
                "Launch",
                self._run(lambda a: running.launch_heat(a.store, a.actor, race_id, heat.id)),
            )
        self._actions(heat)

    def _actions(self, heat: HeatView) -> None:
        """What can be done with one heat, besides launching it."""
        race_id = self.race_id
        if not self.is_mine:
            return
        if heat.kind is HeatKind.MATCH:
            for car in heat.cars:
                decide = self._run(partial(_decide, race_id, heat.id, car.key))
                button(f"{car.name} goes on", decide, kind="quiet")
        elif heat.status in (HeatStatus.WAITING, HeatStatus.FAILED):
            icon_button(
                f"Remove {heat.title}",
                "trash",
                self._run(lambda a: running.remove_heat(a.store, a.actor, race_id, heat.id)),
            )
        if heat.status in (HeatStatus.SHOWN, HeatStatus.FAILED):
            button(
                "Drive again",
                self._run(lambda a: running.retry_heat(a.store, a.actor, race_id, heat.id)),
            )


def _reorder(race_id: str, order: list[str], asking: Asking) -> None:
    running.reorder(asking.store, asking.actor, race_id, order)


def _decide(race_id: str, heat_id: str, key: str, asking: Asking) -> None:
    finals.decide_match(asking.store, asking.actor, race_id, heat_id, key)
