"""The long-running exporter: the followed logs, counted and judged, for Prometheus and for people."""
