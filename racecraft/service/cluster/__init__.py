"""Jobs on a Ray cluster.

The service starts a process (`driver`, watched by `keeper`) that is to the service what a machine
elsewhere is: it asks for jobs over HTTP with a token. It alone talks to Ray, which ends programs
that lose its head, so the service never does. For each job that waits it asks Ray for a `seat`, an
actor with the cores, the memory and the GPUs that a job is to get; once Ray has found room, the
seat gets the job whose turn it is, and starts the usual worker process on its machine.

Only `ray_places` imports ray.
"""
