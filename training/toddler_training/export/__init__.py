"""GGUF files for the runtime."""
