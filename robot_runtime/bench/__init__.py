"""Measurements that users can repeat: `toddler-robot bench`. Speeds are compared within one run, never across runs."""
