"""Misty II as a robot of the runtime, and a simulated Misty II on the wire."""
