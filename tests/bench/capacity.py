"""docs/scaling.md: how many machines an installation needs, computed from the measurements."""

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
# The database connections of a node (`database.pool_size`), and the most that PostgreSQL should have without PgBouncer.
POOL = 10
MOST_CONNECTIONS = 200
# A session is kept in Redis for two minutes after it was last used (features/caching.md).
REDIS_MINUTES = 2
SIZES = (1_000_000, 10_000_000, 100_000_000)

HEAD = """# How many machines

`just bench` writes this page together with [benchmarks.md](benchmarks.md): the costs were measured in the same run and on the same
machine, and the rest is arithmetic. If your users differ, use your own numbers.

## Cost of a request

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
    kinds = {"login": "a sign-in, bcrypt cost 12", "refresh": "a refresh", "me": "a request with an access token that the node has cached", "cold": "a request with a token, a session and an account that the node has not cached", "introspect": "an introspection"}
    rows = [[what, *(number(costs[f"{kind}_{part}_ms"]) for part in ("node", "database", "redis"))] for kind, what in kinds.items()]
    return table(["request", "node, ms of a core", "PostgreSQL, ms of a core", "Redis, ms of a core"], rows)


def space_table(costs):
    return table(["what", "size"], [
        ["a live session in PostgreSQL, with its indexes", f"{number(costs['session_database_bytes'])} bytes"],
        ["a session in use, with its account, in Redis", f"{number(costs['session_redis_bytes'])} bytes"],
        ["a session in use, in the memory of a node", f"{number(costs['session_memory_kib'] * 1024)} bytes"],
        ["an idle connection, in the memory of a node", f"{number(costs['connection_memory_kib'] * 1024)} bytes"],
    ])


def assumptions():
    return table(["assumption", "value"], [
        ["share of accounts that are active each day", f"{DAILY_SHARE:.0%}"],
        ["sign-ins of an active account each day", number(SIGN_INS_A_DAY)],
        ["refreshes of an active account each day (an access token lives 15 minutes, so these are three hours of use)", str(REFRESHES_A_DAY)],
        ["requests of an active account to Doorward each day, with an access token", str(REQUESTS_A_DAY)],
        ["share of these requests that the node has not cached (nodes are used in turn, and tokens change with each refresh)", f"{COLD_SHARE:.0%}"],
        ["live sessions of each account", str(SESSIONS_AN_ACCOUNT)],
        ["peak load, compared with the mean of the day", f"{PEAK} ×"],
        ["highest load of a core at the peak", f"{LOAD_GOAL:.0%}"],
        ["cores of each node", str(NODE_CORES)],
    ])


def in_use(users):
    """Sessions used within the time that Redis keeps one, at the peak: at most one for each request in it."""
    return min((rates(users)["me"] + rates(users)["cold"]) * REDIS_MINUTES * 60, users * DAILY_SHARE)


def sizes_table(costs):
    rows = {
        "sign-ins per second at the peak": lambda users: whole(rates(users)["login"]),
        "refreshes per second at the peak": lambda users: whole(rates(users)["refresh"]),
        "requests with a token per second at the peak": lambda users: whole(rates(users)["me"] + rates(users)["cold"]),
        "cores for sign-ins": lambda users: whole(cores_for({"login": rates(users)["login"]}, costs, "node")),
        "cores for all other requests": lambda users: whole(cores_for({kind: rate for kind, rate in rates(users).items() if kind != "login"}, costs, "node")),
        f"**nodes** of {NODE_CORES} cores, including one spare node": lambda users: f"**{nodes_for(users, costs)}**",
        "cores of PostgreSQL": lambda users: whole(cores_for(rates(users), costs, "database")),
        "cores of Redis": lambda users: whole(cores_for(rates(users), costs, "redis")),
        "live sessions in PostgreSQL": lambda users: gigabytes(users * SESSIONS_AN_ACCOUNT * costs["session_database_bytes"]),
        "sessions in Redis, at most": lambda users: gigabytes(in_use(users) * costs["session_redis_bytes"]),
        "durable writes of PostgreSQL per second": lambda users: whole(rates(users)["login"] + rates(users)["refresh"]),
        "database connections of all nodes": lambda users: whole(nodes_for(users, costs) * POOL),
        "PgBouncer": lambda users: "needed" if nodes_for(users, costs) * POOL > MOST_CONNECTIONS else "not needed",
    }
    return table(["", *(f"{users // 1_000_000} M users" for users in SIZES)], [[what, *(of(users) for users in SIZES)] for what, of in rows.items()])


def arithmetic(costs):
    """The sums of the last column, written out."""
    users = SIZES[-1]
    a_day = {"login": ("sign-ins", SIGN_INS_A_DAY), "refresh": ("refreshes", REFRESHES_A_DAY),
             "me": ("requests, cached", REQUESTS_A_DAY * (1 - COLD_SHARE)), "cold": ("requests, not cached", REQUESTS_A_DAY * COLD_SHARE)}
    lines = [f"The arithmetic, for {users // 1_000_000} M users:\n"]
    for kind, (what, each) in a_day.items():
        rate = rates(users)[kind]
        parts = [f"{number(costs[f'{kind}_{part}_ms'])} ms ÷ {LOAD_GOAL:.0%} = {number(cores_for({kind: rate}, costs, part))} cores of {whose}"
                 for part, whose in (("node", "nodes"), ("database", "PostgreSQL"))]
        lines.append(f"- {what}: {users:,} × {DAILY_SHARE:.0%} × {number(each)} ÷ {SECONDS_A_DAY:,} s × {PEAK} = {whole(rate)} per second; × {', × '.join(parts)}")
    taken, stored = costs["session_database_bytes"], users * SESSIONS_AN_ACCOUNT * costs["session_database_bytes"]
    lines.append(f"- sessions: {users:,} × {SESSIONS_AN_ACCOUNT} × {number(taken)} bytes = {gigabytes(stored)}")
    return "\n".join(lines) + "\n\n"


BOTTLENECKS = """## Bottlenecks

| installation | bottleneck | what to do |
| --- | --- | --- |
| one machine, SQLite | Sign-ins and refreshes wait for the disk: SQLite makes transactions durable one after another (concurrent refreshes share one). Reads don't wait. | Use PostgreSQL when you need a second node, or when refreshes approach the rate in [benchmarks.md](benchmarks.md). |
| a few nodes, one PostgreSQL | Sign-ins: one sign-in needs as much processor time of a node as {worth} requests with a cached token. Nodes share nothing for this, so twice the nodes complete twice the sign-ins. | Add nodes. |
| many nodes | Connections: each node keeps `database.pool_size` connections, and PostgreSQL needs a process for each. | Use PgBouncer in transaction mode, 1.21 or newer, with `max_prepared_statements` above 0, because Doorward uses prepared statements. |
| many millions of users | Writes to PostgreSQL: each refresh and each sign-in is a durable transaction on the only primary. | Lengthen `tokens.access_ttl` (twice the time means half the refreshes), or give the primary a faster disk. |
| more users | The size of one PostgreSQL server. | Run several installations, each with its own users. Doorward does not distribute one installation over several databases. |

Redis counts the requests with a rate limit, one round trip for each. One Redis server uses one core: if the table shows more than one
core, use a cluster ([redis.md](features/redis.md)).

## Deployment

- **Nodes** are equal and keep no data: any load balancer works, without sticky sessions. All nodes need the same `secrets.sealing_key`
  and `tokens.issuer`.
- **PostgreSQL**: one primary, with a standby for failover. Nodes use only the primary: the end of a session must take effect within one
  second, which a lagging replica can't guarantee.
- **Redis**: one server with a standby, or a cluster. Redis contains no durable data.
- **SQLite** is for one node on one machine.

This page does not consider the network between the machines, other load on them, and the speed of durable writes on your disk. Measure
with your own machines before you buy.
"""


def render(measured):
    costs = figures(measured)
    machine = measured["machine"]
    where = f"Measured on {machine['processor']}, commit {machine['commit']}, {machine['date']}.\n\n"
    return (
        HEAD + where + costs_table(costs)
        + "\nThe node, PostgreSQL and Redis shared the cores and the processor caches of one machine. On separate machines, the costs should be lower.\n\n"
        + "## Memory and disk\n\n" + space_table(costs)
        + "\n## Machines by number of users\n\n" + assumptions() + "\n" + sizes_table(costs) + "\n" + arithmetic(costs) + BOTTLENECKS.format(worth=number(costs["login_node_ms"] / costs["me_node_ms"]))
    )
