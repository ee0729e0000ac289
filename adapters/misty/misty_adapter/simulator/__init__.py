"""A simulated Misty II on the wire: HTTP and WebSocket on one port, sound, face, body, ears, and seeded faults."""
