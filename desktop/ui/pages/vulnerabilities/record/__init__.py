"""One vulnerability in full."""
