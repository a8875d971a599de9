"""Finds what is wrong and says what to do about it. Looks for itself: it needs neither the API nor a worker."""
