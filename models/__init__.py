"""What a trained screener is, what it says about a child, and what policy makes of it."""
