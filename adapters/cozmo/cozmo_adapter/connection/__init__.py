"""Reaching a Cozmo over a bad Wi-Fi, and staying in touch with it."""
