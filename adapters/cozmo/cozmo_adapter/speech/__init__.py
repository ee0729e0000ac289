"""Sound through the loudspeaker of a Cozmo, in step with its face."""
