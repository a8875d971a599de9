"""How many pages there are."""


def page_count(total: int, page_size: int) -> int:
    return -(-total // page_size)
