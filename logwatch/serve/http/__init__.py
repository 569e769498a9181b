"""The HTTP side of the exporter: metrics for Prometheus, the verdicts as JSON, and a page for people.

`serving.run` serves; `app.build_app` is the ASGI application alone.
"""
