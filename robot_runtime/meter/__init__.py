"""Where the time of a talk went: a line after each turn, and a page about a recorded session. Reads the record only."""
