"""The part of `prometheus.yml` that scrapes the exporter and loads its alerts."""

from __future__ import annotations

import json

from logwatch.render.prometheus import RULE_FILE

_CONFIG = """\
# Made by `logwatch render scrape-config`, for prometheus.yml.
rule_files:
  - {rule_file}   # logwatch render prometheus-alerts -o {rule_file}

scrape_configs:
  - job_name: {job}
    scrape_interval: 15s
    static_configs:
      - targets: [{target}]
    # Where the exporter is served with a web.yml (logwatch serve --web.config.file), say here what it asks for:
    # scheme: https
    # tls_config:
    #   ca_file: /etc/prometheus/logwatch-ca.pem      # who signed the certificate of tls_server_config
    #   server_name: logwatch.example.org             # where the target is no name in it
    #   cert_file: /etc/prometheus/logwatch.pem       # where client_auth_type wants a certificate of Prometheus
    #   key_file: /etc/prometheus/logwatch.key
    # basic_auth:
    #   username: prometheus                          # a name of basic_auth_users
    #   password_file: /etc/prometheus/logwatch.password
"""
_EVERYWHERE = {"", "0.0.0.0", "[::]"}  # noqa: S104 - recognised, not bound


def scrape_config(listen: str, job: str) -> str:
    """Return YAML that scrapes the exporter that listens on `listen`, under the name `job`.

    An exporter that listens everywhere is scraped from its own machine. TLS and passwords are noted as comments.
    """
    host, _, port = listen.rpartition(":")
    target = f"localhost:{port}" if host in _EVERYWHERE else listen
    return _CONFIG.format(job=json.dumps(job), target=json.dumps(target), rule_file=RULE_FILE)
