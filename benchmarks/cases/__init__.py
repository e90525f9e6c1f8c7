"""The cases: each module offers ``cases(settings)``."""
