"""From records to tallies: match, correlate, aggregate. Batch and live drive the same engine."""
