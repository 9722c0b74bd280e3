"""Learning from the world (home of torch)."""

from racecraft.training.threads import use_one_thread_each

# Before anything in here loads torch: its own threads would fight with ours.
use_one_thread_each()
