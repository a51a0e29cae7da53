"""Screening on request, and the people who act on it. Imports features and models, never training."""
