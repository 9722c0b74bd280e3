"""The one thing that is run here but was not written here: a user's reward function."""
