from desktop.ui.pages.watchlist.page import WatchlistPage

__all__ = ["WatchlistPage"]
