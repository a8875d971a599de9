"""Charts of the Overview page."""

from desktop.ui.widgets.charts.days import DaysChart
from desktop.ui.widgets.charts.severities import SeverityBar

__all__ = ["DaysChart", "SeverityBar"]
