"""Scenarios of several nodes on one PostgreSQL and one Redis, and what a request costs each part there."""

import os
import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from load import PASSWORD, Client, Load, finish
from programs import ADMIN, LIMITED, LOADED, Server, make_key, sign_tokens
from reads import EMAIL, ME, introspection, owners_of, signed_in, subfolder
from result import Result, median, percentile
from sign_ins import CHAINS, COST, refresh_load
from stores import Postgres, accounts, postgres_processor_seconds, processor_seconds, redis_info, redis_processor_seconds, sessions

LANES = 4
# Longer than a node waits between two readings of the database, so that revocations fall anywhere between them.
PAUSE_SECONDS = 0.25
SETTLE_SECONDS = 2.0
BOUND_MS = 1000
P99_GOAL_MS = 250
STORED_SESSIONS = 20_000


def redis():
    return {"REDIS_URL": os.environ["DOORWARD_TEST_REDIS_URL"]}


def nodes(plan):
    """GET /users/me on one node and on two nodes, with PostgreSQL and Redis; the nodes share the cores of this machine."""
    found = Result()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-"))
        settings = LOADED | Postgres(folder, "bench_nodes").settings | redis()
        both = [stack.enter_context(Server(subfolder(folder, name), settings)) for name in ("one", "two")]
        load = Load(ME, plan.seconds, connections=16, token=signed_in(both[0].port))
        for node in both:
            load.clean(node.port)
        alone, together = [], []
        for _ in range(min(plan.rounds, 3)):
            alone.append(load.clean(both[0].port))
            running = [load.start(node.port) for node in both]
            together.append([finish(each) for each in running])
        refused = sum(each.errors for pair in together for each in pair)
    found.spreads("A session that was created on the first node, 16 connections to each node", "requests per second", {
        "one node": [each.rate for each in alone],
        "two nodes at once, first": [pair[0].rate for pair in together],
        "two nodes at once, second": [pair[1].rate for pair in together],
        "two nodes at once, sum": [sum(each.rate for each in pair) for pair in together],
    })
    found.at_most("errors", refused, 0)
    return found


def costs(plan):
    """Processor time of a request in a node, in PostgreSQL and in Redis."""
    found = Result()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-"))
        store, key = Postgres(folder, "bench_costs"), make_key(folder)
        settings = LIMITED | store.settings | redis() | {"DOORWARD_PASSWORDS__BCRYPT_COST": str(COST), "DOORWARD_TOKENS__SIGNING_KEY_FILE": str(key)}
        node = stack.enter_context(Server(subfolder(folder, "node"), settings))
        token = signed_in(node.port)
        admin = Client(node.port).sign_in(ADMIN)["access_token"]
        emails = [f"caller-{index}@example.com" for index in range(CHAINS)]
        for email in emails:
            Client(node.port).register(email)
        seconds = plan.seconds
        sign_in = f'{{"identifier":"{EMAIL}","password":"{PASSWORD}"}}'
        loads = {
            "me": ("GET /users/me", Load(ME, seconds, token=token)),
            "introspect": ("POST /auth/introspect", introspection(seconds, admin, token)),
            "refresh": ("POST /auth/refresh", refresh_load(folder, node.port, emails, seconds)),
            "login": ("POST /auth/login", Load("/api/v1/auth/login", seconds * 3, connections=8, method="POST",
                                               body=sign_in, content_type="application/json")),
        }
        rows, idle = [], idle_use(node)
        loads["cold"] = ("GET /users/me, each session for the first time", stored_sessions(store, key, folder, found))
        before = int(redis_info()["used_memory"])
        for name, (what, load) in loads.items():
            cost = cost_of(load, node, idle)
            rows.append([what, *(f"{cost[part]:.4f}" for part in ("node", "database", "redis"))])
            found.figures |= {f"{name}_{part}_ms": value for part, value in cost.items()}
        time.sleep(SETTLE_SECONDS)
        found.figures["session_redis_bytes"] = max(int(redis_info()["used_memory"]) - before, 0) / STORED_SESSIONS
    found.table("Processor time of one request, bcrypt cost 12", ["request", "node, ms", "PostgreSQL, ms", "Redis, ms"], rows)
    found.table("Size of a session", ["where", "bytes"], [
        ["PostgreSQL, with its indexes", f"{found.figures['session_database_bytes']:,.0f}"],
        ["Redis, with its account, while it is in use", f"{found.figures['session_redis_bytes']:,.0f}"],
    ])
    found.notes.append("Rate limits are on here, with quotas that are never used up: Redis is asked for each request that is counted.")
    found.notes.append("The temporary PostgreSQL of tests/run does not make its files durable (`fsync=off`): its processor time is realistic, its waiting time is not.")
    return found


def used(node):
    """Seconds of a processor so far, by who spent them; and when that was."""
    parts = {"node": processor_seconds(node.pid), "database": postgres_processor_seconds(), "redis": redis_processor_seconds()}
    return parts, time.monotonic()


def idle_use(node):
    """What each takes of a processor when nobody asks for anything."""
    before, began = used(node)
    time.sleep(SETTLE_SECONDS)
    after, ended = used(node)
    return {part: (after[part] - before[part]) / (ended - began) for part in after}


def cost_of(load, node, idle):
    """Milliseconds of a processor for one request, by who spent them, without what is spent anyhow."""
    before, began = used(node)
    seen = load.clean(node.port)
    after, ended = used(node)
    return {part: max(after[part] - before[part] - idle[part] * (ended - began), 0) * 1000 / seen.requests for part in after}


def stored_sessions(store, key, folder, found):
    """Puts many live sessions into the database, and says how to use each once."""
    users = list(accounts(STORED_SESSIONS, store.digest_of(EMAIL)))
    live = list(sessions([row[0] for row in users]))
    empty = store.bytes_of("sessions")
    store.fill(users, live)
    found.figures["session_database_bytes"] = (store.bytes_of("sessions") - empty) / STORED_SESSIONS
    tokens, _ = sign_tokens(key, owners_of(users, live))
    listed = Path(folder) / "tokens"
    listed.write_text("\n".join(tokens))
    return Load(ME, 60, kind="once", tokens=listed)


def revoke_many(ports, email, count):
    """Ends sessions on the first node; how long the second went on accepting each (ms), and the tokens."""
    ending, asked = (Client(port) for port in ports)
    times, tokens = [], []
    for _ in range(count):
        token = ending.sign_in(email)["access_token"]
        asked.expect(200, "GET", ME, token)
        time.sleep(random.uniform(0, PAUSE_SECONDS))
        ending.expect(204, "POST", "/api/v1/auth/logout", token)
        acknowledged = time.monotonic()
        while asked.accepts(token):
            if time.monotonic() - acknowledged > 5:
                raise RuntimeError("a revoked token is accepted for ever")
        times.append((time.monotonic() - acknowledged) * 1000)
        tokens.append(token)
    return times, tokens


def revoke_across(ports, email, count):
    """How long each was still accepted, in order, and how many were accepted again later."""
    Client(ports[0]).register(email)
    with ThreadPoolExecutor(LANES) as lanes:
        done = list(lanes.map(lambda _: revoke_many(ports, email, count // LANES), range(LANES)))
    clients = [Client(port) for port in ports]
    revived = sum(client.accepts(token) for _, tokens in done for token in tokens for client in clients)
    return sorted(value for lane, _ in done for value in lane), revived


def revocation(plan):
    """How long a second node accepts sessions that were ended on the first node, with and without Redis, on one PostgreSQL."""
    found, rows = Result(), []
    for what, bus, email in (("with Redis", redis(), "ann@example.com"), ("without Redis", {}, "bob@example.com")):
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-"))
            settings = LOADED | Postgres(folder, "bench_revocation").settings | bus
            both = [stack.enter_context(Server(subfolder(folder, name), settings)) for name in ("one", "two")]
            time.sleep(SETTLE_SECONDS)
            times, revived = revoke_across([node.port for node in both], email, plan.revocations)
        p50, p99, late = percentile(times, 50), percentile(times, 99), sum(value > BOUND_MS for value in times)
        rows.append([what, f"{len(times):,}", f"{p50:.1f}", f"{p99:.1f}", f"{times[-1]:.1f}", str(late), str(revived)])
        found.at_most(f"p99 {what}", p99, P99_GOAL_MS, " ms")
        found.at_most(f"later than {BOUND_MS} ms or accepted again, {what}", late + revived, 0)
    found.table("Time from the answer that a session has ended to the first refusal by the other node", ["", "sessions", "p50, ms", "p99, ms", "max, ms", "late", "accepted again"], rows)
    return found
