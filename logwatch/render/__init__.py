"""What other programs need to watch by the same rules: alerts and their tests, a dashboard, a scrape, a service."""
