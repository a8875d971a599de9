"""Charts of numbers over days and months, by severity and by vendor."""

from desktop.ui.widgets.charts.bars import MonthsChart, VendorBars
from desktop.ui.widgets.charts.days import DaysChart
from desktop.ui.widgets.charts.severities import SeverityBar

__all__ = ["DaysChart", "MonthsChart", "SeverityBar", "VendorBars"]
