"""Logs of drives as pandas frames, whoever wrote them.

This program, the original console, deepracer-for-cloud and DeepRacer on AWS have one layout each.

    columns.py    the columns of a frame of steps, in one unit each
    traces.py     a simtrace file of any version (15 to 19 columns, radians or degrees)
    texts.py      a text log with SIM_TRACE_LOG lines
    metrics.py    tables of episodes and trials, old and new
    load.py       all of a model: `load_logs(path)`

pandas is loaded with this folder, so nothing of it is imported by a server.
"""

from racecraft.analysis.logs.load import Logs, load_logs

__all__ = ["Logs", "load_logs"]
