"""Watching a job live: what is shown, and how it is written down for those who watch.

segments   steps of cars as bytes, and back; `docs/reference/live.md` describes every byte
scene      what was driven without a gap, and the segments of it
"""
