"""The coherence scorer of the runtime's check, counted from the written corpus."""
