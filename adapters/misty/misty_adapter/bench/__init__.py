"""Measurements against the simulator that users can repeat: `toddler-robot bench misty`."""
