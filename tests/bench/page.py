"""docs/benchmarks.md, from what was measured."""

HEAD = """# Benchmarks

Written by `just bench`, which measures all of this in one run; `docs/benchmarks.json` holds the same figures. Run it on your machine: the
ratios should hold there, the absolute numbers will differ.

## What was measured where

"""

METHOD = """
Read the numbers with this in mind:

- The load generator, the server, PostgreSQL and Redis share the cores named above. With cores of its own the server would do more.
- What is compared runs in turns (A B A B …), and ratios are taken round by round, so that what else the machine does falls on all
  alike. Each table gives the least, the median and the most of the rounds; goals are held against medians.
- The server is the release build, started with its defaults but for rate limits, which are off where nothing else is said, and bcrypt's
  cost, which is 4 where hashing is not what is measured and 12 where it is.
- The *floor* (`tests/bench/tools/src/bin/floor.rs`) is the yardstick: bare actix-web with as many workers, which answers the very bytes
  of `GET /users/me` from memory. One verifies the token of each request, as a service that knows the published keys would; one asks
  for nothing. Neither knows whether the session still holds. Doorward does.
- PostgreSQL is the throwaway one of `tests/run`, which does not make its files durable. SQLite does, as the server always has it.
"""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def verdict(goal):
    return "holds" if goal["holds"] else "**missed**"


def goals_of(scenario):
    return table(["goal", "bound", "found", ""], [[goal["what"], goal["goal"], goal["found"], verdict(goal)] for goal in scenario["goals"]])


def tables_of(scenario):
    return "\n".join(f"{each['caption']}:\n\n{table(each['head'], each['rows'])}" for each in scenario["tables"])


def section(name, about, scenario):
    parts = [f"## {name}\n", f"{about}\n", tables_of(scenario)]
    parts += [goals_of(scenario)] if scenario["goals"] else []
    parts += [note + "\n" for note in scenario["notes"]]
    return "\n".join(parts)


def summary(measured):
    goals = [goal for scenario in measured["scenarios"].values() for goal in scenario["goals"]]
    missed = [f"- `{name}`: {goal['what']}: {goal['found']}, the goal is {goal['goal']}\n"
              for name, scenario in measured["scenarios"].items() for goal in scenario["goals"] if not goal["holds"]]
    text = f"\n## Goals\n\n{len(goals) - len(missed)} of {len(goals)} goals hold."
    return text + ("\n" if not missed else " Missed:\n\n" + "".join(missed))


def render(measured, abouts):
    machine = [[name, str(value)] for name, value in measured["machine"].items() if name != "cores"]
    failed = [f"`{name}` could not be measured in this run.\n" for name in measured["failed"]]
    sections = [section(name, abouts[name], scenario) for name, scenario in measured["scenarios"].items()]
    return HEAD + table(["", ""], machine) + METHOD + summary(measured) + "\n" + "\n".join(failed + sections)
