"""The queue: jobs that outlive every process. The only writer of the schema `queue`.

`job` has the words: a job, a lease, what may become of it. `store` is a job's life as statements (enqueue, claim,
heartbeat, settle), `status` what is known of jobs, `manage` what an operator does to them, `upkeep` what keeps the
tables small. `batch` runs a handler on some jobs and applies what it says; `worker` finds jobs for every handler.

A worker holds a job by a lease: until it ends, no other worker gets the job; if the worker dies, it ends by itself.
Each lease has a greater token than the one before, and whoever settles a job must show the token of the present one:
so a worker that slept through the end of its lease cannot undo what its successor did (a fencing token).
"""
