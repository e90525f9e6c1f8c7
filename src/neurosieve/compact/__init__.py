"""The small model that is left: predict, save, load (Section 7.2)."""
