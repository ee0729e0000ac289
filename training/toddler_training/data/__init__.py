"""From CHAT transcripts to caregiver-child pairs."""
