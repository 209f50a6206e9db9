"""What a scenario found: tables to read, goals with their verdicts, and figures for the page on capacity."""

import statistics
from dataclasses import asdict, dataclass, field


def number(value):
    """Three digits that count, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def spread(values):
    """Cells for min, median and max."""
    return [number(chosen) for chosen in (min(values), statistics.median(values), max(values))]


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


@dataclass
class Result:
    tables: list = field(default_factory=list)
    goals: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)

    def table(self, caption, head, rows):
        self.tables.append({"caption": caption, "head": head, "rows": rows})

    def spreads(self, caption, unit, series):
        """A table with a row for each name, and the spread of its values."""
        rows = [[name, *spread(values)] for name, values in series.items()]
        self.table(caption, [unit, "min", "median", "max"], rows)

    def at_least(self, what, found, bound, unit=""):
        self._goal(what, found, f"≥ {number(bound)}{unit}", unit, found >= bound)

    def at_most(self, what, found, bound, unit=""):
        self._goal(what, found, f"≤ {number(bound)}{unit}", unit, found <= bound)

    def _goal(self, what, found, bound, unit, holds):
        self.goals.append({"what": what, "goal": bound, "found": f"{number(found)}{unit}", "holds": holds})

    def holds(self):
        return all(goal["holds"] for goal in self.goals)

    def as_json(self):
        return asdict(self)


def ratios(ones, others):
    """Round by round: what ran at nearly the same time is compared."""
    return [one / other for one, other in zip(ones, others, strict=True)]


def median(values):
    return statistics.median(values)
