"""Community races: arranged by somebody, entered by many, with a board.

race        the records: a race, who is in it, what was submitted
arranging   make, change, close and delete a race; its link; who is shut out
deleting    the end of a race, with everything that belongs to it
roads       the shape of its track, frozen when it opens
entering    come in by the link, submit a model, look at one's own submissions
driving     drive what was frozen, for the board or again; its laps step by step
reruns      submissions that somebody lets drive again
refereeing  all submissions, and results that are taken off the board
boards      who is ahead, and what everybody may see of it
screens     the big screen, for everybody in the room
live        heats that are launched while people watch
"""
