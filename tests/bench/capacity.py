"""docs/scaling.md: how many machines so many users need, reckoned from what was measured."""

import math

from page import table
from result import number

NEEDED = ("costs", "memory", "login", "users")

# What is assumed of the users; the page says so.
DAILY_SHARE = 0.2
SIGN_INS_A_DAY = 0.2
REFRESHES_A_DAY = 12
REQUESTS_A_DAY = 200
COLD_SHARE = 0.25
SESSIONS_AN_ACCOUNT = 2
PEAK = 3
SECONDS_A_DAY = 86_400
LOAD_GOAL = 0.5
NODE_CORES = 4
# What a node keeps of connections to the database (`database.pool_size`), and how many PostgreSQL is given at most.
POOL = 10
MOST_CONNECTIONS = 200
# A session is kept in Redis for two minutes after it was last used (features/caching.md).
REDIS_MINUTES = 2
SIZES = (1_000_000, 10_000_000, 100_000_000)

HEAD = """# How many machines

Written by `just bench` from [benchmarks.md](benchmarks.md): the costs below were measured in the same run, on its machine, and the rest is arithmetic.
Put in your own numbers where your users differ.

## What a request costs

"""


def missing(measured):
    return [name for name in NEEDED if name not in measured["scenarios"]]


def figures(measured):
    return {name: value for scenario in measured["scenarios"].values() for name, value in scenario["figures"].items()}


def rates(users):
    """Requests a second at the peak, by kind."""
    active = users * DAILY_SHARE
    day = {"login": SIGN_INS_A_DAY, "refresh": REFRESHES_A_DAY, "me": REQUESTS_A_DAY * (1 - COLD_SHARE), "cold": REQUESTS_A_DAY * COLD_SHARE}
    return {kind: active * each * PEAK / SECONDS_A_DAY for kind, each in day.items()}


def cores_for(rates_of, costs, part):
    return sum(rate * costs[f"{kind}_{part}_ms"] / 1000 for kind, rate in rates_of.items()) / LOAD_GOAL


def nodes_for(users, costs):
    """Two at least, so that one may fail."""
    return max(2, math.ceil(cores_for(rates(users), costs, "node") / NODE_CORES) + 1)


def gigabytes(value):
    return f"{number(value / 1e9)} GB"


def whole(value):
    return number(value) if value < 10 else f"{math.ceil(value):,}"


def costs_table(costs):
    kinds = {"login": "a sign-in, bcrypt cost 12", "refresh": "a refresh", "me": "a request with an access token that the node has seen", "cold": "one with a token, a session and an account new to it", "introspect": "an introspection"}
    rows = [[what, *(number(costs[f"{kind}_{part}_ms"]) for part in ("node", "database", "redis"))] for kind, what in kinds.items()]
    return table(["what", "node, ms of a core", "PostgreSQL, ms of a core", "Redis, ms of a core"], rows)


def space_table(costs):
    return table(["what", "takes"], [
        ["a live session in PostgreSQL, with its indexes", f"{number(costs['session_database_bytes'])} bytes"],
        ["a session in use, with its account, in Redis", f"{number(costs['session_redis_bytes'])} bytes"],
        ["a session in use, in the memory of a node", f"{number(costs['session_memory_kib'] * 1024)} bytes"],
        ["an idle connection of a client, in the memory of a node", f"{number(costs['connection_memory_kib'] * 1024)} bytes"],
    ])


def assumptions():
    return table(["assumed", "value"], [
        ["accounts that are active on a day", f"{DAILY_SHARE:.0%}"],
        ["of an active account, a day: sign-ins", number(SIGN_INS_A_DAY)],
        ["refreshes (an access token lives 15 minutes, so this is three hours of use)", str(REFRESHES_A_DAY)],
        ["requests with an access token that reach Doorward", str(REQUESTS_A_DAY)],
        ["of those, new to the node (nodes are asked in turns, and tokens change with each refresh)", f"{COLD_SHARE:.0%}"],
        ["live sessions of an account", str(SESSIONS_AN_ACCOUNT)],
        ["the peak, to the mean of the day", f"{PEAK} ×"],
        ["how busy a core may be at the peak", f"{LOAD_GOAL:.0%}"],
        ["cores of a node", str(NODE_CORES)],
    ])


def in_use(users):
    """Sessions used within the time that Redis keeps one, at the peak: at most one for each request in it."""
    return min((rates(users)["me"] + rates(users)["cold"]) * REDIS_MINUTES * 60, users * DAILY_SHARE)


def sizes_table(costs):
    rows = {
        "sign-ins a second at the peak": lambda users: whole(rates(users)["login"]),
        "refreshes a second at the peak": lambda users: whole(rates(users)["refresh"]),
        "requests with a token a second at the peak": lambda users: whole(rates(users)["me"] + rates(users)["cold"]),
        "cores for sign-ins": lambda users: whole(cores_for({"login": rates(users)["login"]}, costs, "node")),
        "cores for the rest": lambda users: whole(cores_for({kind: rate for kind, rate in rates(users).items() if kind != "login"}, costs, "node")),
        f"**nodes** of {NODE_CORES} cores, one of them spare": lambda users: f"**{nodes_for(users, costs)}**",
        "cores of PostgreSQL": lambda users: whole(cores_for(rates(users), costs, "database")),
        "cores of Redis": lambda users: whole(cores_for(rates(users), costs, "redis")),
        "live sessions in PostgreSQL": lambda users: gigabytes(users * SESSIONS_AN_ACCOUNT * costs["session_database_bytes"]),
        "sessions in Redis, at most": lambda users: gigabytes(in_use(users) * costs["session_redis_bytes"]),
        "durable writes a second of PostgreSQL": lambda users: whole(rates(users)["login"] + rates(users)["refresh"]),
        "connections that nodes keep": lambda users: whole(nodes_for(users, costs) * POOL),
        "PgBouncer": lambda users: "needed" if nodes_for(users, costs) * POOL > MOST_CONNECTIONS else "not needed",
    }
    return table(["", *(f"{users // 1_000_000} M users" for users in SIZES)], [[what, *(of(users) for users in SIZES)] for what, of in rows.items()])


def arithmetic(costs):
    """The sums of the last column, written out."""
    users = SIZES[-1]
    a_day = {"login": ("sign-ins", SIGN_INS_A_DAY), "refresh": ("refreshes", REFRESHES_A_DAY),
             "me": ("requests, seen before", REQUESTS_A_DAY * (1 - COLD_SHARE)), "cold": ("requests, new to the node", REQUESTS_A_DAY * COLD_SHARE)}
    lines = [f"The arithmetic, for {users // 1_000_000} M users:\n"]
    for kind, (what, each) in a_day.items():
        rate = rates(users)[kind]
        parts = [f"{number(costs[f'{kind}_{part}_ms'])} ms ÷ {LOAD_GOAL:.0%} = {number(cores_for({kind: rate}, costs, part))} cores of {whose}"
                 for part, whose in (("node", "nodes"), ("database", "PostgreSQL"))]
        lines.append(f"- {what}: {users:,} × {DAILY_SHARE:.0%} × {number(each)} ÷ {SECONDS_A_DAY:,} s × {PEAK} = {whole(rate)} a second; × {', × '.join(parts)}")
    taken, stored = costs["session_database_bytes"], users * SESSIONS_AN_ACCOUNT * costs["session_database_bytes"]
    lines.append(f"- sessions: {users:,} × {SESSIONS_AN_ACCOUNT} × {number(taken)} bytes = {gigabytes(stored)}")
    return "\n".join(lines) + "\n\n"


BOTTLENECKS = """## What gives way first

| step | what is the bottleneck | what to do |
| --- | --- | --- |
| one machine, SQLite | Sign-ins and refreshes wait for the disk: SQLite makes one transaction durable after another (refreshes that meet share one). Reads don't. | Move to PostgreSQL when a second node is wanted, or refreshes come near the rate on [benchmarks.md](benchmarks.md). |
| a few nodes, one PostgreSQL | Sign-ins: one takes as much of a node's processor as {worth} requests with a token that it has seen. Nodes share nothing there, so twice the nodes give twice the sign-ins. | Add nodes. |
| many nodes | Connections: each node keeps `database.pool_size` of them, and PostgreSQL has a process for each. | PgBouncer in transaction mode, 1.21 or newer with `max_prepared_statements` above 0: statements are prepared once and used by name. |
| many millions of users | The writes of one PostgreSQL: each refresh and each sign-in is a durable transaction, and there is one primary. | Lengthen `tokens.access_ttl` (twice as long is half the refreshes), give the primary a faster disk. |
| beyond | The size of one PostgreSQL. | Several installations, each with its own users. Doorward does not spread one over several databases. |

Redis counts the requests that are limited, one round trip each, and one server of it works on one core: where the table says more than a core,
make it a cluster ([redis.md](features/redis.md)).

## What runs where

- **Nodes** are alike and keep nothing: any load balancer, no stickiness. All need the same `secrets.sealing_key` and `tokens.issuer`.
- **PostgreSQL**: one primary, with a standby to take over. Nodes use the primary alone: a session that was ended must be seen ended within a
  second, which a replica that lags can't promise.
- **Redis**: one server with a standby, or a cluster; nothing that lasts is lost with it.
- **SQLite** is for one node on one machine.

What this page does not know: the network between the parts, other work on the machines, and how your disk takes durable writes. Measure with your own
before you buy.
"""


def render(measured):
    costs = figures(measured)
    machine = measured["machine"]
    where = f"Measured on {machine['processor']}, commit {machine['commit']}, {machine['date']}.\n\n"
    return (
        HEAD + where + costs_table(costs)
        + "\nNode, PostgreSQL and Redis shared the cores of one machine, so each has its caches to itself on machines of its own: this errs on the side of more.\n\n"
        + "## What a session takes\n\n" + space_table(costs)
        + "\n## For so many users\n\n" + assumptions() + "\n" + sizes_table(costs) + "\n" + arithmetic(costs) + BOTTLENECKS.format(worth=number(costs["login_node_ms"] / costs["me_node_ms"]))
    )
