"""Seasons: the list, the standings, and making one."""

from racecraft.interfaces.web.pages.seasons.arranging import arrange, edit
from racecraft.interfaces.web.pages.seasons.season import season, seasons

__all__ = ["arrange", "edit", "season", "seasons"]
