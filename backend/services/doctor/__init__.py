"""Finds problems of an installation and names their remedies. Works without the API and without a worker."""
