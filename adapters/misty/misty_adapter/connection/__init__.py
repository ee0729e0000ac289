"""The wire to a Misty: commands, events, what its firmware can do, and our files on it."""
