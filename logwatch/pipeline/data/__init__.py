"""The pipeline's own tables, in the same database as its jobs: models, transactions, migrations, queries."""
