"""The page for people: rendered here, without a build step, and whole without JavaScript."""
