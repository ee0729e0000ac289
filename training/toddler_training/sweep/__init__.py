"""A grid of reward weights."""
