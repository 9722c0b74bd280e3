"""What drives and trainings say: tables, findings in plain words, figures, a report.

    episodes.py    one row an episode, as deepracer-utils sums them
    iterations.py  one row an iteration, and the best ones by several measures
    road.py        the line that cars follow, seen from their drives
    parts.py       corners, sectors, where cars fail, time lost against the best lap
    actions.py     which actions are used, and what to do about the others
    rewards.py     whether the reward pays for fast laps
    learning.py    entropy, KL, losses: what they say about the learning
    study.py       all of these of one model: `study(logs)`
    comparison.py  several models side by side, as a table
    several.py     the chapters about several models
    figures/       pictures of all that
    chapters.py    a figure, its table and what it means, for each topic
    report.py      a folder with every table as CSV, every figure as PNG, and one page that explains

Use it from Python:

    from racecraft.analysis.logs import load_logs
    from racecraft.analysis.study import study

    found = study(load_logs("path/to/model"))
    found.iterations, found.laps, found.findings
"""

from racecraft.analysis.study.study import Study, study

__all__ = ["Study", "study"]
