"""Step 1: name, description, tags, and the tracks to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.spec import TrackChoice
from racecraft.interfaces.web.pages.create_model.start import parent_panel, presets
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, Field, TextField
from racecraft.service.drafts.faults import LONGEST_DESCRIPTION
from racecraft.service.tracks import TrackCard

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.pages.create_model.form import Form
    from racecraft.interfaces.web.tags import Tag

MOST = 64
_WAYS = {"forward": (False,), "reversed": (True,), "both": (False, True)}


def build(form: Form) -> None:
    """The fields of the step."""
    if form.parent is None:
        presets(form)
    else:
        parent_panel(form, form.parent)
    with panel("Model", info="name"), tag("div", "form"):
        _texts(form)
    with panel("Tracks", info="tracks"):
        tag(
            "p",
            "dim",
            "Train on the track that you want to race on, or on one like it: a car that never "
            "met a bend cannot turn. Several tracks, and both ways round, make a model that "
            "drives on tracks it has never seen, and take longer.",
        )
        form.fields["tracks"] = TrackField(form)


def _texts(form: Form) -> None:
    name = About(
        "Model name", "1 to 64 letters, digits and hyphens; no two of your models share one."
    )
    form.fields["name"] = TextField(
        name,
        form.sheet.name,
        lambda text: form.put("name", text.strip()),
        placeholder="MyFirstModel",
        maxlength=100,
        autocomplete="off",
        spellcheck="false",
    )
    form.fields["description"] = TextField(
        About(
            "Description",
            f"What you want to find out with it; at most {LONGEST_DESCRIPTION} characters.",
            is_optional=True,
        ),
        form.sheet.description,
        lambda text: form.put("description", text),
        lines=2,
        maxlength=1000,
    )
    with tag("details", "fold", open=True if form.sheet.tags else None):
        tag("summary", text="Tags (optional)")
        TextField(
            About("Tags", "Words to find it again by, with commas between them."),
            ", ".join(form.sheet.tags),
            lambda text: form.put("tags", _tags(text)),
            maxlength=400,
        )


def _tags(text: str) -> tuple[str, ...]:
    found = dict.fromkeys(part.strip()[:40] for part in text.split(",") if part.strip())
    return tuple(found)[:20]


class TrackField(Field):
    """Tiles of which any number is ticked, each with its direction."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._chosen: dict[str, str] = {}
        for track in form.sheet.tracks:
            way = "reversed" if track.is_reversed else "forward"
            known = self._chosen.get(track.name, way)
            self._chosen[track.name] = way if known == way else "both"
        super().__init__(About("Tracks"), form.sheet.tracks)
        self._tiles: list[tuple[TrackCard, Element]] = []
        with self.root:
            self._top()
            with tag("fieldset", "tiles-set") as self.control:
                tag("legend", "only-read", "Tracks to train on")
                with tag("div", "tiles track-tiles"):
                    # Chosen ones first, so that they are seen; then the order of the list.
                    cards = form.stock.tracks
                    for card in sorted(cards, key=lambda card: card.name not in self._chosen):
                        self._tile(card)
            self._nothing = tag("p", "dim", "No track is called so.", hidden=True)
            self._below()
        self._count()

    def _top(self) -> None:
        with tag("div", "track-top"):
            TextField(
                About("Find a track"),
                "",
                self._find,
                placeholder="Find by name or difficulty",
                type="search",
            ).root.classes("label-hidden search-field")
            self._counted: Tag = words("p", "", "track-count", role="status")

    def _tile(self, card: TrackCard) -> None:
        way = self._chosen.get(card.name)
        with tag("div", "track-tile") as tile:
            self._tiles.append((card, tile))
            with tag("label", "track-label"):
                tick = tag(
                    "input",
                    "tile-choice",
                    type="checkbox",
                    defaultChecked=way is not None,
                    disabled=True if card.problem else None,
                )
                picture = tag("img", "track-tile-picture", alt="", loading="lazy")
                _turn(picture, card.name, way == "reversed", has_line=way is not None)
                with tag("span", "tile-words"):
                    tag("span", "tile-title", card.title)
                    tag("span", "track-facts", _facts(card))
                    tag("span", "tile-text dim", card.problem or card.description)
            turn = tag("div", "track-way", hidden=way is None)
            with turn:
                self._way(card, way or "forward", picture)
        tick.on(
            "change",
            lambda e: self._tick(card, bool(e.args), turn, picture),
            js_handler="(e) => emit(e.target.checked)",
        )

    def _way(self, card: TrackCard, way: str, picture: Element) -> None:
        names = [each.value.capitalize() for each in card.directions] or ["Forward", "Reversed"]
        texts = dict(zip(_WAYS, [*names, "Both ways round"], strict=False))
        select = tag("select", "control", aria_label=f"Direction on {card.title}")
        with select:
            for value, text in texts.items():
                tag("option", text=text, value=value, selected=True if value == way else None)

        def change(value: str) -> None:
            self._chosen[card.name] = value
            _turn(picture, card.name, value == "reversed", has_line=True)
            self._note()

        select.on("change", lambda e: change(e.args), js_handler="(e) => emit(e.target.value)")

    def _tick(self, card: TrackCard, is_on: bool, turn: Element, picture: Element) -> None:
        way = self._chosen.setdefault(card.name, "forward")
        if not is_on:
            self._chosen.pop(card.name, None)
        _turn(picture, card.name, way == "reversed", has_line=is_on)
        turn.props["hidden"] = not is_on
        turn.update()
        self._note()

    def _note(self) -> None:
        order = [card.name for card in self._form.stock.tracks]
        self.change(
            tuple(
                TrackChoice(name=name, is_reversed=is_reversed)
                for name in sorted(self._chosen, key=order.index)
                for is_reversed in _WAYS[self._chosen[name]]
            )
        )
        self._form.set(tracks=self.value)
        self._count()

    def _count(self) -> None:
        count = len(self._form.sheet.tracks)
        what = "1 track is chosen" if count == 1 else f"{count} tracks are chosen"
        self._counted.text = f"{what}; {MOST} at most, each direction counted."

    def _find(self, text: str) -> None:
        wanted, found = text.strip().casefold(), 0
        for card, tile in self._tiles:
            fits = wanted in f"{card.title} {card.name} {card.difficulty or ''}".casefold()
            found += fits
            tile.props["hidden"] = not fits
            tile.update()
        self._nothing.props["hidden"] = found > 0
        self._nothing.update()


def _turn(picture: Element, name: str, is_reversed: bool, *, has_line: bool) -> None:
    """Show a track the way it is driven; a chosen one with its fastest line."""
    line = "&line=true" if has_line else ""
    way = str(is_reversed).lower()
    picture.props["src"] = f"/api/tracks/{name}/picture?reversed={way}{line}"
    picture.update()


def _facts(card: TrackCard) -> str:
    if card.problem:
        return "Cannot be used"
    rated = card.difficulty.value if card.difficulty is not None else "not rated"
    limit = "" if card.limit_s is None else f" · limit {card.limit_s:.1f} s"
    return f"{card.length_m:.1f} m · {100 * card.width_m:.0f} cm wide · {rated}{limit}"
