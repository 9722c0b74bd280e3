"""Code that users wrote: check it, then run it where it can do no harm.

Two sides, and between them two pipes that carry plain values only:

    a training, a check                     the locked process
    -------------------                     ------------------
    runner    batches of reward inputs  ->  child      starts, locks itself, answers
    check     findings                  ->  lockdown   limits, user, landlock
      states    states to call it in        seccomp    the system calls that are left
      answers   what came back, looked at   imports    what may be loaded, before the lock
    channel   the process and its pipes     source     from text to function and back to lines
    frames    the form of a message         evaluator  calls the function
    printouts printed text, cleaned         printed    what it prints
    limits    what it may spend             reading    what can be said without running it
    episodes  which one a step is of

`inline` stands in for the process where there is none, `builtin` and `rewards/` are the reward
functions that come with racecraft, and `findings` is what a check says.
"""
