"""docs/benchmarks.md, from what was measured."""

HEAD = """# Benchmarks

`just bench` measures all of this in one run and writes this page; `docs/benchmarks.json` contains the same figures. Run it on your
machine: the ratios should be similar, the absolute numbers will differ.

## Environment

"""

METHOD = """
Notes on the method:

- The load generator, the server, PostgreSQL and Redis share the cores above. With its own cores, the server would be faster.
- Programs that are compared run alternately (A B A B …), and ratios are computed for each round, so that other load on the machine
  affects all of them equally. Each table shows the minimum, the median and the maximum of the rounds; goals are compared with medians.
- The server is the release build with default settings, with two exceptions: rate limits are off unless stated, and the cost of bcrypt
  is 12 where hashing is measured and 4 elsewhere.
- The *floor* (`tests/bench/tools/src/bin/floor.rs`) is the reference: bare actix-web with the same number of workers, which answers the
  same bytes as `GET /users/me` from memory. One floor verifies the token of each request, like a service that knows the published keys;
  the bare floor verifies nothing. Neither knows whether the session is live. Doorward does.
- PostgreSQL is the temporary server of `tests/run`, which does not make its files durable. SQLite is durable, as always in Doorward.
"""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def verdict(goal):
    return "met" if goal["holds"] else "**missed**"


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
    text = f"\n## Goals\n\n{len(goals) - len(missed)} of {len(goals)} goals are met."
    return text + ("\n" if not missed else " Missed:\n\n" + "".join(missed))


def render(measured, abouts):
    machine = [[name, str(value)] for name, value in measured["machine"].items() if name != "cores"]
    failed = [f"`{name}` could not be measured in this run.\n" for name in measured["failed"]]
    sections = [section(name, abouts[name], scenario) for name, scenario in measured["scenarios"].items()]
    return HEAD + table(["", ""], machine) + METHOD + summary(measured) + "\n" + "\n".join(failed + sections)
