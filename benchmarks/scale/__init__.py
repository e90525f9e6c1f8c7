"""Clusters of as many neurons as a large model has, from generated activations."""
