"""Misty's commands as data: verb, path, arguments and what they do; `/api/help` is made of the same table."""
