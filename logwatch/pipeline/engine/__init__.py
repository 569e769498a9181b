"""The job engine: dbos behind a thin port. Nothing outside this package imports dbos.

`door` queues jobs. `worker` claims deliveries, `delivery` runs what they carry in the `slots` there are and
within its `limit`, in a `context`; `endings` records what did not get done. `leases` and `janitor` look after
workers that died, `deadletters` after jobs that did. `dbos_port` is all that is known of dbos.
"""
