"""What simulators of robots have in common."""
