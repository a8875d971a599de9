"""The program on Windows: on this machine if it runs Windows, else under Wine with ../shared/windows."""
