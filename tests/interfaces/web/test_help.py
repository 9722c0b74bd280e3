"""What the Info drawer says about what a page offers."""

from __future__ import annotations

from racecraft.interfaces.web.help import help_of
from racecraft.interfaces.web.pages.create_model.start import WORDS
from racecraft.service.drafts.beginnings import SHOWN


def test_every_preset_that_can_be_chosen_is_told_in_info() -> None:
    told = help_of("create-model", "presets").text
    assert [
        title for name, (title, _) in WORDS.items() if name and f"| {title} |" not in told
    ] == []
    assert set(SHOWN) == set(WORDS) - {""}
