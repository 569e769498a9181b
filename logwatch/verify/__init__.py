"""The checklist after a deployment: run, waited for, signed and kept."""
