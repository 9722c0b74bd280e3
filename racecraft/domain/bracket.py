"""Knock-out brackets: who meets whom, who goes on, and who is third.

The rules, which decide everything without a draw:

1. Four to thirty-two take part, seeded by their rank on the board: the first is seed 1.
2. The bracket has as many places as the next power of two. Seeds are placed so that in every round
   the sum of the two seeds of a match is the same if the better one always wins; seeds 1 and 2
   can meet in the final only.
3. Places that nobody has are byes. They fall to the best seeds, who go on without driving.
4. Who wins a match goes on; the winners of neighbouring matches meet in the next round.
5. The losers of the semi-finals meet for the third place, unless that is left out. Then the one who
   lost to the winner of the final is third.
6. Somebody who is gone loses what they have not driven, and keeps what they have won. Where both
   are gone, nobody goes on, and whoever would have met the winner has a bye.
7. Behind the places that were driven for, who came further is ahead, then the better seed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from racecraft.domain.errors import InvalidInput

FEWEST, MOST = 4, 32
THIRD_PLACE = "third"
"""Key of the match for the third place."""
NOBODY = 0
"""Stands where a seed would stand, and nobody ever will."""


@dataclass(frozen=True)
class Match:
    """Two who meet."""

    key: str
    """`2-1` is the first match of the second round."""
    round: int
    """From 1; the match for the third place belongs to the round of the final."""
    number: int
    """Within its round, from 1."""
    title: str
    sides: tuple[int | None, int | None]
    """Their seeds; None where that is not decided yet, `NOBODY` for a place without anybody."""
    winner: int | None
    """Its seed; None while it is open, `NOBODY` if nobody goes on."""
    is_driven: bool
    """Whether it was won by driving; a bye or a walkover was not."""

    @property
    def is_ready(self) -> bool:
        """Whether it can be driven: both are known, and it is not decided."""
        return self.winner is None and None not in self.sides

    @property
    def loser(self) -> int | None:
        """Who is out; None while that is open."""
        if self.winner is None:
            return None
        others = [side for side in self.sides if side not in (self.winner, None)]
        return others[0] if others else NOBODY


@dataclass(frozen=True)
class Bracket:
    """All matches, in the order in which they are driven, and what is decided by now."""

    matches: tuple[Match, ...]
    rounds: int
    places: tuple[int, ...]
    """Seeds from the first place on, as far as they are decided; nothing before the end."""

    @property
    def champion(self) -> int | None:
        """The seed that won; None before the end."""
        return self.places[0] if self.places else None

    @property
    def ready(self) -> tuple[Match, ...]:
        """What can be driven now."""
        return tuple(match for match in self.matches if match.is_ready)


def seeding(size: int) -> list[int]:
    """Seeds from the top of a bracket to its bottom, for a power of two."""
    order = [1]
    while len(order) < size:
        total = 2 * len(order) + 1
        order = [seed for each in order for seed in (each, total - each)]
    return order


def play(
    count: int,
    winners: Mapping[str, int],
    *,
    gone: Collection[int] = (),
    has_third_place: bool = True,
) -> Bracket:
    """A bracket as far as it has come.

    Args:
        count: how many take part.
        winners: seed of who won, by key of the match, of those that were driven.
        gone: seeds of those who do not drive any more.
        has_third_place: whether the losers of the semi-finals meet.

    Raises:
        InvalidInput: too few or too many.
    """
    if not FEWEST <= count <= MOST:
        raise InvalidInput(
            f"A bracket is for {FEWEST} to {MOST} racers, and {count} are there; let more of them "
            "enter, or take fewer from the board."
        )
    size = 1 << (count - 1).bit_length()
    rounds = size.bit_length() - 1
    out = frozenset(gone)
    sides: list[int | None] = [seed if seed <= count else NOBODY for seed in seeding(size)]
    played: list[Match] = []
    for number in range(1, rounds + 1):
        made = [
            _match(number, k + 1, rounds, (sides[2 * k], sides[2 * k + 1]), winners, out)
            for k in range(len(sides) // 2)
        ]
        if number == rounds and has_third_place:
            losers = (played[-2].loser, played[-1].loser)
            played.append(_match(number, 0, rounds, losers, winners, out))
        played += made
        sides = [match.winner for match in made]
    return Bracket(tuple(played), rounds, _places(played, rounds, count, has_third_place))


def title_of(round_number: int, number: int, rounds: int) -> str:
    """What a match is called."""
    if number == 0:
        return "Match for the third place"
    left = rounds - round_number
    if left == 0:
        return "Final"
    names = {1: "Semi-final", 2: "Quarter-final"}
    return f"{names.get(left, f'Round of {2 << left}, match')} {number}"


def _match(
    round_number: int,
    number: int,
    rounds: int,
    sides: tuple[int | None, int | None],
    winners: Mapping[str, int],
    out: frozenset[int],
) -> Match:
    key = f"{round_number}-{number}" if number else THIRD_PLACE
    told = winners.get(key)
    is_driven = told is not None and told in sides and None not in sides
    winner = told if is_driven else _without_driving(sides, out)
    title = title_of(round_number, number, rounds)
    return Match(key, round_number, number, title, sides, winner, is_driven)


def _without_driving(sides: tuple[int | None, int | None], out: frozenset[int]) -> int | None:
    """Who goes on by a bye or a walkover; None while it must be driven, or may have to be."""
    if None in sides:
        return None
    if NOBODY in sides:  # a bye counts for who is gone, too: they lose where they meet somebody
        return max(side or NOBODY for side in sides)
    there = [side for side in sides if side not in out]
    if len(there) == len(sides):
        return None
    return there[0] if there else NOBODY


def _places(
    matches: list[Match], rounds: int, count: int, has_third_place: bool
) -> tuple[int, ...]:
    final = matches[-1]
    third = matches[-2] if has_third_place else None
    if final.winner is None or (third is not None and third.winner is None):
        return ()
    first = [final.winner, final.loser]
    if third is not None:
        first += [third.winner, third.loser]
    else:
        beaten = [m.loser for m in matches if m.round == rounds - 1 and m.winner == final.winner]
        first += beaten
    reached = {
        seed: match.round for match in matches if match is not third for seed in match.sides if seed
    }
    head = [seed for seed in dict.fromkeys(first) if seed]
    rest = [seed for seed in range(1, count + 1) if seed not in head]
    return (*head, *sorted(rest, key=lambda seed: (-reached[seed], seed)))
