"""YAML files that people write: read within bounds, every fault told with its line; also as JSON Schema."""
