"""Sound through the loudspeaker of a Misty, whole and once."""
