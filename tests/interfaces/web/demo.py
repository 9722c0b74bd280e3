"""An installation full of things, for pictures: people, models, races, an event, a season."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import APIRequestContext

from tests.interfaces.web.conftest import Console, a_trace, race_of_today
from tests.interfaces.web.test_screen import drove

PATIENCE_S = 300.0
RACERS = (
    "Grace", "Katherine", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Linus", "Radia",
    "Tim", "Frances", "Ken",
)  # fmt: skip
SMALL = {"num_epochs": 3, "max_steps_per_iteration": 256, "num_cars": 8}
MODELS = (
    ("MyFirstModel", "harbour-loop", "Pays for progress, more when fast.", 1500),
    ("night-shift", "clover-court", "", 0),
)
VEHICLES: tuple[dict[str, Any], ...] = (
    {"name": "Orange-Peel", "shell": "formula", "colour": "orange"},
    {"name": "Blue-Note", "shell": "wedge", "colour": "blue", "sensors": ["STEREO_CAMERAS"]},
    {
        "name": "Plum",
        "shell": "buggy",
        "colour": "purple",
        "sensors": ["FRONT_FACING_CAMERA", "LIDAR"],
    },
)


class Demo:
    """Makes things over REST, as somebody who is signed in."""

    def __init__(self, console: Console, asks: APIRequestContext) -> None:
        self.console, self._asks = console, asks
        self.examples: dict[str, str] = {}
        """What stands for the names in braces of paths."""
        self.screens: dict[str, str] = {}
        """Paths of big screens, by what they show."""

    def ask(self, method: str, path: str, **fields: Any) -> Any:
        """Send a request; gives the values of the answer."""
        body = {"data": fields} if method != "GET" else {}
        answer = self._asks.fetch(f"{self.console.address}/api/{path}", method=method, **body)
        assert answer.ok, answer.text()
        return answer.json()

    def fill(self) -> None:
        """Make everything."""
        self._garage()
        self._models()
        self._logs()
        self._people()
        race = self._race()
        self._together(race)
        self._bracket()

    def launch(self) -> str:
        """Let a heat of a live race be on the screens; gives the race."""
        samples = [row["model"] for row in self._found("models") if row["model"]["is_sample"]]
        rules = {"track": {"name": "harbour-loop"}, "laps": 8, "max_resets": 50}
        wish = {"name": "Live at noon", "hosting": "LIVE", "rules": rules}
        race = self.ask("POST", "races", **{**race_of_today(), **wish})["id"]
        for model in [*samples, samples[0]]:
            self.ask("POST", f"races/{race}/submissions", model_id=model["id"])
        self.ask("PATCH", f"races/{race}/show", lights_s=1.0)
        code = self.ask("POST", f"races/{race}/screen")["code"]
        self.screens["live"] = f"/screen/{code}"
        self.ask("POST", f"races/{race}/show/launch", together=True)
        self.ask("POST", f"races/{race}/submissions", model_id=samples[1]["id"])
        self._until(f"races/{race}/show", lambda told: told["now"]["shown_from_s"])
        return str(race)

    def _garage(self) -> None:
        for fields in VEHICLES:
            built = self.ask("POST", "vehicles", **fields)
        self.examples["vehicle_id"] = built["id"]

    def _models(self) -> None:
        for name, track, description, steps in MODELS:
            wish = {
                "model": {"name": name, "description": description, "network": "LIGHT"},
                "training": {
                    "tracks": [{"name": track}],
                    "stop": {"env_steps": steps or 512, "minutes": 2},
                    "hyperparameters": SMALL,
                },
                "starts": steps > 0,
            }
            made = self.ask("POST", "models", **wish)
            if steps:
                self._until(f"jobs/{made['job']['id']}", lambda told: told["job"]["ended_at_s"])
                self.examples["model_id"] = made["model"]["id"]

    def _logs(self) -> None:
        sent = self._asks.post(
            f"{self.console.address}/api/logs?file=old.csv",
            data=a_trace(),
            headers={"Content-Type": "application/octet-stream"},
            timeout=120_000,
        )
        assert sent.ok, sent.text()
        self.examples["logs_id"] = sent.json()["id"]

    def _people(self) -> None:
        me = self.ask("GET", "me")
        self.ask("PATCH", f"people/{me['id']}", country="CH")
        for heads, note in ((30, "Workshop on Tuesday"), (1, "For Grace")):
            self.ask("POST", "invitations", heads=heads, note=note)

    def _race(self) -> str:
        rules = {"track": {"name": "harbour-loop"}, "laps": 3}
        race = self.ask("POST", "races", **{**race_of_today(), "rules": rules})
        samples = [row["model"] for row in self._found("models") if row["model"]["is_sample"]]
        place = f"races/{race['id']}/submissions"
        for model in samples[:2]:
            made = self.ask("POST", place, model_id=model["id"])
            self._until(f"{place}/{made['id']}", lambda told: told["laps"])
        times = {name: 14_000 + 173 * k * k for k, name in enumerate(RACERS)}
        drove(self.console, race["id"], times)
        code = self.ask("POST", f"races/{race['id']}/screen")["code"]
        self.screens["board"] = f"/screen/{code}"
        self.examples |= {"race_id": race["id"], "link": race["link"]}
        self.examples["submission_id"] = made["id"]
        return str(race["id"])

    def _together(self, race_id: str) -> None:
        """An event with two races, and a season with corrected points."""
        over = self.ask("POST", "races", **{**race_of_today(), "name": "Qualifying"})["id"]
        drove(self.console, over, {name: 15_000 + 211 * k for k, name in enumerate(RACERS[:7])})
        self.ask("POST", f"races/{over}/close")
        now_s = time.time()
        slots = [
            {"at_s": now_s // 3600 * 3600, "what": "Welcome and a first lap"},
            {"at_s": now_s // 3600 * 3600 + 7200.0, "what": "Final on the big screen"},
        ]
        wish = {"name": "Club evening", "race_ids": [over, race_id], "timetable": slots}
        times = {"starts_at_s": now_s - 60.0, "ends_at_s": now_s + 86_400.0}
        event = self.ask("POST", "events", practice_race_id=over, **wish, **times)
        season = self.ask("POST", "seasons", name="Winter cup", race_ids=[over, race_id])
        rows = self.ask("GET", f"seasons/{season['id']}")["divisions"][0]["rows"]
        for row, points, reason in (
            (rows[1], -5, "Drove somebody else's model"),
            (rows[4], 2, "Marshalled a whole evening"),
        ):
            place = f"seasons/{season['id']}/corrections"
            self.ask("POST", place, person_id=row["racer_id"], points=points, reason=reason)
        self.examples |= {"event_id": event["id"], "event_link": event["link"]}
        self.examples["season_id"] = season["id"]

    def _bracket(self) -> None:
        """Two knock-out brackets: one in the middle, one with its podium."""
        for name, title in (("Knock-out", "bracket"), ("Grand final", "podium")):
            race = self.ask("POST", "races", **{**race_of_today(), "name": name})["id"]
            people = {f"{each}-{title[0]}": 14_000 + 97 * k for k, each in enumerate(RACERS[:8])}
            drove(self.console, race, people)
            self.ask("POST", f"races/{race}/show/bracket", count=8)
            decided = 0
            while queue := self.ask("GET", f"races/{race}/show")["queue"]:
                if title == "bracket" and decided == 5:
                    break
                heat, decided = queue[0], decided + 1
                place = f"races/{race}/show/heats/{heat['id']}/winner"
                self.ask("POST", place, submission_id=heat["cars"][decided % 2]["key"])
            if title == "podium":
                self.ask("POST", f"races/{race}/show/winner")
            code = self.ask("POST", f"races/{race}/screen")["code"]
            self.screens[title] = f"/screen/{code}{'?show=bracket' * (title == 'bracket')}"
            self.examples[f"{title}_race_id"] = race

    def _found(self, path: str) -> list[dict[str, Any]]:
        self._asks.get(f"{self.console.address}/models")  # whoever opens it is given the samples
        items: list[dict[str, Any]] = self.ask("GET", path)["items"]
        return items

    def _until(self, path: str, is_done: Callable[[Any], Any]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_done(self.ask("GET", path)):
            assert time.monotonic() < deadline
            time.sleep(0.3)
