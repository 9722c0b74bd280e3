"""Community races: the list, one race with its board, arranging one, entering one."""

from racecraft.interfaces.web.pages.races.arranging import arrange, edit
from racecraft.interfaces.web.pages.races.entering import come_in, enter
from racecraft.interfaces.web.pages.races.listing import races
from racecraft.interfaces.web.pages.races.racing import race
from racecraft.interfaces.web.pages.races.screen import screen
from racecraft.interfaces.web.pages.races.show import show
from racecraft.interfaces.web.pages.races.submission import submission

__all__ = [
    "arrange",
    "come_in",
    "edit",
    "enter",
    "race",
    "races",
    "screen",
    "show",
    "submission",
]
