"""The sentences of the page: what the entries select, and what one would have shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.contract.exposure import Watched, WatchlistChange, WatchlistHistory
from backend.contract.inventory import ProductName
from backend.contract.watching import WatchedKind, WatchedPreview
from backend.contract.wire import utc_now
from desktop.ui.formatting import actor_words, happened, number, one_line, timestamp, translate

Previews = Mapping[Watched, WatchedPreview]
_MOST_CHANGES = 10


def watched_words(watched: Watched) -> str:
    """Name an entry in one line."""
    named = " ".join(filter(None, (watched.vendor, watched.product, watched.version)))
    search = translate("watchlist", "search “{0}”").format(watched.search) if watched.search else ""
    return one_line(", ".join(filter(None, (named, search))))


def count_of(preview: WatchedPreview, kind: WatchedKind) -> int:
    return next((events.count for events in preview.last_month if events.kind is kind), 0)


def headline(items: Sequence[Watched], previews: Previews) -> str:
    if not items:
        return translate("watchlist", "Nothing is watched. What is installed on this PC concerns you anyway.")
    text = translate("watchlist", "%Ln entr(y|ies) (is|are) watched.", "", len(items))
    known = [previews[item] for item in items if item in previews]
    if len(known) < len(items):
        return text
    empty = sum(1 for preview in known if not preview.total)
    if not empty:
        return text
    return f"{text} {translate('watchlist', '%Ln of them matches nothing.', '', empty)}"


def preview_words(watched: Watched, preview: WatchedPreview) -> str:
    """Say what the entry selects and would have shown in the last 30 days, or that it selects nothing."""
    if not preview.total:
        return _nothing(watched, preview)
    exploited, critical = (count_of(preview, kind) for kind in (WatchedKind.EXPLOITED, WatchedKind.CRITICAL))
    total = f"{number(preview.total)}+" if preview.total_capped else number(preview.total)
    month = translate("watchlist", "In the last 30 days it would have shown {0} newly exploited and {1} critical.")
    known = translate("watchlist", "{0} vulnerabilities.").format(total)
    return f"{known} {month.format(number(exploited), number(critical))}"


def _nothing(watched: Watched, preview: WatchedPreview) -> str:
    if watched.version and not preview.nearest:
        return translate("watchlist", "No known vulnerability affects this version.")
    if watched.search:
        return translate("watchlist", "No vulnerability in the records matches this search.")
    if preview.nearest:
        return translate("watchlist", "No record names this. The nearest names are below.")
    return translate("watchlist", "No record names this. Nothing would ever be shown until one does.")


def last_change(history: WatchlistHistory) -> str:
    """Say who changed the watchlist last: those who share the database share it too."""
    if not history.items:
        return ""
    newest = history.items[0]
    words = translate("watchlist", "Last changed by {0}, {1}")
    return words.format(actor_words(newest.by), happened(newest.changed_at, utc_now()))


def change_lines(history: WatchlistHistory) -> list[str]:
    """The newest changes, one line each."""
    return [_change_line(change) for change in history.items[:_MOST_CHANGES]]


def _change_line(change: WatchlistChange) -> str:
    added = [f"+ {watched_words(item)}" for item in change.added]
    removed = [f"- {watched_words(item)}" for item in change.removed]
    return f"{timestamp(change.changed_at)} {actor_words(change.by)}: {', '.join([*added, *removed])}"


def name_words(name: ProductName) -> str:
    return one_line(" ".join(filter(None, (name.vendor, name.product))))
