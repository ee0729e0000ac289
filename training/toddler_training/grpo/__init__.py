"""Group-relative policy optimisation with the rewards."""
