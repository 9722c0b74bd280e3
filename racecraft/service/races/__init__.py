"""Community races: arranged by somebody, entered by many, with a board.

race        the records: a race, who is in it, what was submitted
arranging   make, change, close and delete a race; its link; who is shut out
entering    come in by the link, submit a model, look at one's own submissions
boards      who is ahead, and what everybody may see of it
"""
