"""Steepest in Python: optimizer plugins, and PyTorch optimizers that are plugins."""
