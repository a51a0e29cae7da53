"""How a screener comes to be: rows with labels in, a calibrated screener out."""
