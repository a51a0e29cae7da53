"""The review queue: cases, who may do what to them, and where they are kept."""
