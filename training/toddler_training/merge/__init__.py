"""The adapter becomes part of the model."""
