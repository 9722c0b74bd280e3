"""Reward functions to start from, as a beginner would write them. Load them with `builtin.py`."""
