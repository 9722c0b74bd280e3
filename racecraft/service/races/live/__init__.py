"""Live races: heats that are launched one after the other while people watch.

records     how a show stands, and its heats
queue       in which order heats wait, and what is under way
tending     what happens by itself: beginning, following jobs, settling, going on
steps       parts of what an organiser does
running     plan, launch, reorder, retry, cut short
finals      finals and brackets from the board; who has won
driving     in the worker: drive a heat, keep its recording
views       what everybody is told
stage       fills it in
"""
