"""The speech loop of a toddler you can talk with: hear, think, check, speak, move, record."""

__version__ = "0.1.0"
