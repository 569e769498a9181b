"""Lines to records: formats, envelopes, multi-line assembly, times, order, and the account of what was read."""
