"""The job pipeline that logwatch ships: purchase orders in, product drafts and their images out.

A room of its own: it imports nothing of the monitor, and what joins the two is log lines and `/metrics`.
Start reading at `stages` (the one table of stages and queues), `envelope` (what a job is) and `engine`.
"""
