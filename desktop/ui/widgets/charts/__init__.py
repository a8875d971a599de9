"""Charts of numbers over days and by severity."""

from desktop.ui.widgets.charts.days import DaysChart
from desktop.ui.widgets.charts.severities import SeverityBar

__all__ = ["DaysChart", "SeverityBar"]
