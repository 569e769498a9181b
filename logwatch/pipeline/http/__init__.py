"""The pipeline over HTTP: an API for merchants, and `/metrics`."""
