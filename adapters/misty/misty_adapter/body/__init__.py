"""What a Misty shows, moves and feels."""
