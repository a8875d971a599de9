"""Routes of the watchlist and of saved searches, and for their editors: completion, and what an entry would show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.parameters import WatchedEntry, WatchedName
from backend.api.roles import Router, Sender, needs
from backend.contract.access import AccessRole
from backend.contract.exposure import Watchlist, WatchlistHistory
from backend.contract.names import Trigger
from backend.contract.searches import SavedSearches
from backend.contract.watching import ProductNames, VendorNames, WatchedPreview
from backend.services.exposure.matching_run import request_matching
from backend.services.exposure.product_names import complete_product, complete_vendor
from backend.services.exposure.saved_searches import saved_searches
from backend.services.exposure.watch_preview import preview
from backend.services.exposure.watching import replace_searches, watchlist
from backend.services.exposure.watchlist_history import change_watchlist, watchlist_history
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database


def router(database: Database, queue: TaskQueue, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(tags=["exposure"])

    @routes.get("/watchlist")
    @needs(AccessRole.READ)
    def get_watchlist() -> Watchlist:
        """The vendors, products and searches that concern without being installed."""
        with database.reading() as connection:
            return watchlist(connection)

    @routes.put("/watchlist")
    @needs(AccessRole.TRIAGE)
    def put_watchlist(wanted: Watchlist, sender: Sender) -> Watchlist:
        """Replace the watchlist. Products with a version are then matched."""
        with database.transaction() as connection:
            stored = change_watchlist(connection, wanted, sender, clock())
            task_id = request_matching(connection, Trigger.API, clock())
        queue.publish_waiting(task_id)
        return stored

    @routes.get("/watchlist/history")
    @needs(AccessRole.READ)
    def get_watchlist_history() -> WatchlistHistory:
        """Who changed the watchlist, and when; the newest change first."""
        with database.reading() as connection:
            return watchlist_history(connection)

    @routes.get("/searches", response_model_exclude_none=True)
    @needs(AccessRole.READ)
    def get_searches() -> SavedSearches:
        """The searches that are saved under a name."""
        with database.reading() as connection:
            return saved_searches(connection)

    @routes.put("/searches", response_model_exclude_none=True)
    @needs(AccessRole.TRIAGE)
    def put_searches(wanted: SavedSearches) -> SavedSearches:
        """Replace the saved searches. What the watched ones find concerns the users of this database."""
        with database.transaction() as connection:
            return replace_searches(connection, wanted)

    @routes.get("/vendors")
    @needs(AccessRole.READ)
    def get_vendors(prefix: WatchedName = "") -> VendorNames:
        """Vendors in the records whose names begin so, at most 20."""
        with database.reading() as connection:
            return complete_vendor(connection, prefix)

    @routes.get("/products")
    @needs(AccessRole.READ)
    def get_products(prefix: WatchedName = "", vendor: WatchedName = "") -> ProductNames:
        """Products in the records whose names begin so, at most 20; with a vendor, only its own."""
        with database.reading() as connection:
            return complete_product(connection, vendor, prefix)

    @routes.get("/watchlist/preview")
    @needs(AccessRole.READ)
    def get_preview(entry: Annotated[WatchedEntry, Query()]) -> WatchedPreview:
        """What an entry of the watchlist selects, and what it would have shown in the last 30 days."""
        with database.reading() as connection:
            return preview(connection, entry.watched(), clock())

    return routes
