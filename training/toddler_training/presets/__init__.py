"""Settings for whole runs, as TOML."""
