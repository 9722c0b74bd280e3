"""Jobs: what people asked to be done, who waits for what, and which worker has which.

    job      the record
    asking   what people do: submit, look, stop
    looks    what many look at again and again, read once
    queue    who is next: fair between people, with position and expected start
    leases   what workers do: claim, beat, report, end; and what becomes of lost ones
    nodes    the machines that run them
    quotas   how much may be used, what is used, and charging for it

A worker proves by its token that it has a job. Its lease runs out unless it gives a sign of
life, and then somebody else gets the job: it is never lost and never done twice.
"""
