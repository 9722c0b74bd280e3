"""Results as a document: who drove what under which rules.

It is complete enough that anybody can work out places, brackets and the board from the laps.

part    what parts of the document have in common; a lap
heats   heats of a live race, its bracket, its podium
races   a race, and an event
"""

from racecraft.domain.results.heats import (
    BracketRacer,
    BracketResult,
    HeatCarResult,
    HeatResult,
    MatchResult,
    PodiumPlace,
    bracket_of_heats,
)
from racecraft.domain.results.part import LapResult
from racecraft.domain.results.races import (
    BoardLine,
    EventResults,
    RaceFacts,
    RaceResults,
    SubmissionResult,
    board_of,
)

__all__ = [
    "BoardLine",
    "BracketRacer",
    "BracketResult",
    "EventResults",
    "HeatCarResult",
    "HeatResult",
    "LapResult",
    "MatchResult",
    "PodiumPlace",
    "RaceFacts",
    "RaceResults",
    "SubmissionResult",
    "board_of",
    "bracket_of_heats",
]
