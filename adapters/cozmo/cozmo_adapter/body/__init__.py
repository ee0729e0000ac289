"""What a Cozmo shows, moves and feels; no network, and a clock that is given."""
