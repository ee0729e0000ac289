"""The language model that a run starts from."""
