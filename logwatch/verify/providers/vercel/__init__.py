"""Deployments on Vercel, as its REST API tells of them.

provider   what the checklist asks
judge      what a deployment's fields mean: succeeded, failed, pending
answers    the fields that are read, and reading them
api        the requests, with the token
patience   when to ask again
"""
