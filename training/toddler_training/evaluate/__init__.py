"""Figures that compare models."""
