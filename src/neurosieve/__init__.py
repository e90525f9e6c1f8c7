"""neurosieve: find what is redundant in a pretrained transformer and keep the small model that is left."""
