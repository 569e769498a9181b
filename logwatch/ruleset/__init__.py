"""Rules: from YAML to what the engine matches, and what is wrong with them."""
