"""Exit codes by which a role tells whoever started it why it ended."""

WRONG_USAGE = 2
"""A setting or an argument cannot be used: starting again with the same ones is useless."""
UNREACHABLE = 3
"""The stack cannot be reached, or the port is taken: standard error says which."""
RECYCLED = 75
"""The worker has done its share of tasks and wants to be started afresh; nothing is wrong."""
HOPELESS = 78
"""The database is of a newer version or damaged: starting again is useless until somebody has done something."""
STUCK = 76
"""A task ignored the hard limit, so its process ended."""
