"""Screening on request, and the people who act on it. Imports features and models, never training."""

# Where BentoML finds the service.
SERVICE = "serving.service:Miaohu"
