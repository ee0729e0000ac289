"""Cozmo as a toddler: drives the robot through pycozmo, and simulates one on the wire."""

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())
