"""The job engine: dbos behind a thin port. Nothing outside this package imports dbos.

`door` queues jobs, `delivery` decides what one delivery comes to, `worker` runs deliveries, `leases` and
`janitor` look after workers that died, `deadletters` after jobs that did.
"""
