"""How large a league can be: a simulation of its queue, fed with measured costs.

`python -m benchmarks.league` first repeats the measured class of thirty (`make class`), then asks
for ever more racers how many machines keep waits short, and what they cost.
"""
