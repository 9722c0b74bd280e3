"""The racer profile: card, awards, what is used of the quota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.interfaces.web.avatars import avatar_svg
from racecraft.interfaces.web.countries import country_name
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.pages.profile_editor import edit_dialog
from racecraft.interfaces.web.tags import drawing, picture, tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import facts, figure, panel
from racecraft.service.awards import Award, awards_of
from racecraft.service.jobs.quotas import Usage, view_usage
from racecraft.service.people.person import Person, view_person

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

_ICONS = {
    "grid": "flag",
    "spark": "play",
    "lap": "track",
    "clean": "check",
    "five": "good",
    "best": "chart",
    "traveller": "out",
    "practice": "refresh",
    "race": "queue",
    "winner": "trophy",
    "podium": "up",
    "faultless": "good",
    "regular": "queue",
    "champion": "trophy",
}


@dataclass(frozen=True)
class _Shown:
    person: Person
    awards: list[Award]
    usage: Usage


async def profile(visit: Visit) -> None:
    """One's own profile."""
    shown = await visit.run(_load)
    with page_head(visit, info="racer-profile"):
        path = f"/api/people/{visit.me.id}/archive"
        link_button("Download all of mine", path, icon="download")
        button(
            "Edit profile", lambda: edit_dialog(visit, shown.person), kind="primary", icon="edit"
        )
    with tag("div", "profile"):
        with tag("div", "profile-side"):
            _card(shown.person)
            _quota(shown.usage)
        _awards(shown.awards)


def _load(asking: Asking) -> _Shown:
    store, actor = asking.store, asking.actor
    return _Shown(
        view_person(store, actor, actor.person_id),
        awards_of(store, asking.settings, actor, actor.person_id),
        view_usage(store, actor, actor.person_id),
    )


def _card(person: Person) -> None:
    with panel(classes="racer-card") as card:
        card.props["aria-label"] = "Racer card"
        picture(avatar_svg(person.avatar), f"Avatar of {person.name}")
        tag("h2", text=person.name)
        if not person.has_chosen_name:
            tag("p", "dim", "Made for you; choose a name of your own before your first race.")
        facts(
            [
                ("Country", country_name(person.country)),
                ("Role", person.role.value.capitalize()),
            ]
        )
        with tag("p", "dim"):
            tag("span", text="Racing since ")
            moment(person.created_at_s)


def _quota(usage: Usage) -> None:
    limits = usage.limits
    with panel("This month", info="quota"), tag("div", "figures"):
        used = f"{usage.used_minutes:.0f}"
        if limits.minutes_per_month is not None:
            used += f" of {limits.minutes_per_month:g}"
        figure(used, "minutes of computing")
        models = (
            str(usage.models) if limits.models is None else f"{usage.models} of {limits.models}"
        )
        figure(models, "models")
        figure(f"{usage.disk_mb:.0f}", "MB on disk")


def _awards(awards: list[Award]) -> None:
    earned = [award for award in awards if award.earned_at_s is not None]
    with panel(f"Awards ({len(earned)} of {len(awards)})", info="awards"):
        tag("p", "dim", "Read off from what your models have really done.")
        with tag("ul", "awards"):
            for award in awards:
                _award(award)


def _award(award: Award) -> None:
    is_earned = award.earned_at_s is not None
    with tag("li", "award earned" if is_earned else "award"):
        drawing(_medal(_ICONS.get(award.key, "trophy"), is_earned=is_earned))
        with tag("div"):
            tag("h3", text=award.title)
            tag("p", "dim", award.how)
            if award.figure and is_earned:
                tag("p", "award-figure", award.figure)
            if award.earned_at_s is None:
                tag("p", "dim", "Still to be earned.")
            else:
                with tag("p", "dim"):
                    moment(award.earned_at_s)


def _medal(name: str, *, is_earned: bool) -> str:
    paint = "var(--accent)" if is_earned else "none"
    edge = "var(--accent)" if is_earned else "var(--edge)"
    dash = "" if is_earned else ' stroke-dasharray="5 4"'
    return (
        '<svg class="medal" viewBox="0 0 64 72" width="64" height="72" fill="none">'
        f'<path d="M20 44l-6 24 12-5 6 8 6-8 12 5-6-24" fill="var(--raised)" '
        f'stroke="{edge}"{dash}/>'
        f'<circle cx="32" cy="28" r="25" fill="{paint}" stroke="{edge}" stroke-width="2"{dash}/>'
        '<circle cx="32" cy="28" r="19" fill="var(--panel)"/>'
        f'<g transform="translate(18 14)" color="{edge}">{icon(name, 28)}</g></svg>'
    )
