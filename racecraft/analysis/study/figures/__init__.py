"""Pictures of a study. Each function gives a figure, or None where there is nothing to draw."""
