"""Sweeps and tuning: many trainings side by side, chosen by what the earlier ones came to."""
