"""The worker: jobs and work by the clock, of the named services or of every one. Plain threads, no eventlet.

A job is claimed through procrastinate with a heartbeat; when a worker dies, another one calls the job's function again
within seconds.
"""
