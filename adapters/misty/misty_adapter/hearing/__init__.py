"""Listening through the microphones of a Misty, in one of two ways."""
