"""Listening: sound to words."""
