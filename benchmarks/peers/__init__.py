"""The peers' sides: workers that run in an environment without neurosieve."""
