"""Measurements of training that users can repeat: `toddler-robot bench grpo`."""
