"""Set the number of arithmetic threads before torch is loaded.

Two torch threads on two cores were measured slower than one (OpenMP threads spin while they
wait for each other), so every torch operation runs on one thread and racecraft spreads cars
and minibatch halves over Python threads of its own. Import this module before torch.
"""

from __future__ import annotations

import os
import sys

VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def use_one_thread_each() -> None:
    """Make each numerical library run on the thread that calls it."""
    if "torch" not in sys.modules:
        for name in VARIABLES:
            os.environ[name] = "1"
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def has_fast_bf16() -> bool:
    """Whether this processor multiplies 16-bit floats faster than 32-bit ones.

    Measured: 2.1 times as many learned samples a second with AVX-512 BF16, about 4 times with
    AMX; without either, 16-bit arithmetic is emulated and slower.
    """
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            flags = next((line for line in file if line.startswith("flags")), "").split()
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags
