"""Whether a screener deserves to be used; nothing that fits a model lives here."""
