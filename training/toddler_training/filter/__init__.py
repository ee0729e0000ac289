"""The clearest caregiver lines become prompts."""
