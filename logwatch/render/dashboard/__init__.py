"""A dashboard of Grafana, made from the rules."""
