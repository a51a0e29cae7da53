"""The review pages: server-rendered, Chinese first, no JavaScript needed. No rules live here."""
