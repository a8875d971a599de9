"""The program on Windows: on this machine if it is one, else under Wine, where ../shared/windows lies beside us."""
