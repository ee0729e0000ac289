"""The acoustic stand: a scripted caregiver, spoken by synthesised voices, in a simulated room with a robot."""
