"""The reward models."""
