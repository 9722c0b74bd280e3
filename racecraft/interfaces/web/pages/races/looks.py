"""How races are told everywhere: state, time left, rules in words, the picture of the track."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from racecraft.domain.ranking import RaceRules, RankingMethod
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.notices import badge, banner
from racecraft.service.races.race import Hosting, RaceState, SubmissionStatus
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.service.races.boards import RaceView
    from racecraft.service.races.race import Submission

_STATES = {
    RaceState.UPCOMING: ("Upcoming", "info"),
    RaceState.OPEN: ("Open", "good"),
    RaceState.CLOSED: ("Closed", ""),
}
_STATUSES = {
    SubmissionStatus.QUEUED: ("Queued", "info"),
    SubmissionStatus.RUNNING: ("Driving", "busy"),
    SubmissionStatus.RANKED: ("Ranked", "good"),
    SubmissionStatus.UNRANKED: ("Too few laps", "bad"),
    SubmissionStatus.FAILED: ("Failed", "bad"),
}
RANKINGS = {
    RankingMethod.BEST_LAP_TIME: "Best lap time",
    RankingMethod.AVERAGE_LAP_TIME: "Best average lap time",
    RankingMethod.TOTAL_TIME: "Total time",
}


def state_line(view: RaceView) -> None:
    """State, hosting and time left, as badges."""
    text, kind = _STATES[view.state]
    with tag("div", "badges"):
        badge(text, kind)
        if view.race.hosting is Hosting.LIVE:
            badge("Live show", "info")
        if view.state is RaceState.OPEN:
            tag("span", "dim", f"{span(view.race.ends_at_s - time.time())} remaining")
        elif view.state is RaceState.UPCOMING:
            tag("span", "dim", f"starts in {span(view.race.starts_at_s - time.time())}")


def status_badge(submission: Submission) -> None:
    """How far a submission is."""
    if submission.struck:
        badge("Taken off the board", "bad")
        tag("span", "dim", submission.struck)
        return
    if submission.result.impossible_laps:
        badge("Defect", "bad")
        return
    badge(*_STATUSES[submission.status])


def road_banner(note: str) -> None:
    """What has become of the road of a race, if anything has."""
    if note:
        with banner("bad", note):
            pass


def track_picture(rules: RaceRules, classes: str = "race-track", *, has_line: bool = False) -> None:
    """The track from above, the way it is driven; perhaps with the fastest line."""
    way = str(rules.track.is_reversed).lower()
    line = "&line=true" if has_line else ""
    words = ", with the fastest line, red where it is slow" if has_line else ""
    tag(
        "img",
        classes,
        src=f"/api/tracks/{rules.track.name}/picture?reversed={way}{line}",
        alt=f"Track {track_words(rules.track)} from above{words}",
        loading="lazy",
    )


def rule_rows(rules: RaceRules, max_submissions: int) -> list[tuple[str, str]]:
    """The track and the rules in words."""
    laps = "1 lap" if rules.min_laps == 1 else f"{rules.min_laps} laps in a row"
    resets = "Unlimited resets" if rules.max_resets >= 1000 else f"{rules.max_resets} a lap"
    style = "All laps in one go" if rules.is_continuous else "Each lap from the start line"
    kind = rules.race.summary
    rows = [
        ("Track", track_words(rules.track)),
        ("Race type", f"{kind[:1].upper()}{kind[1:]}"),
        ("Ranking method", RANKINGS[rules.ranking]),
        ("Laps driven", str(rules.laps)),
        ("To be ranked", f"Complete {laps}"),
        ("Style", style),
        ("Resets", resets),
        ("Off-track penalty", f"{rules.off_track_penalty_s:g} s"),
    ]
    if rules.race.has_objects:
        rows.append(("Collision penalty", f"{rules.collision_penalty_s:g} s"))
    most = "As many as you like" if max_submissions == 0 else f"Up to {max_submissions} a racer"
    return [*rows, ("Submissions", most)]


def span(seconds: float) -> str:
    """A length of time in the two largest units: `2 d 3 h`, `14 min`."""
    minutes = max(int(seconds // 60), 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
