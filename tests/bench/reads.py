"""Scenarios of requests that change nothing."""

import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from load import PASSWORD, Client, Load, interleave
from programs import ADMIN, LIMITED, LOADED, Floor, Server, make_key, sign_tokens
from result import Result, median, ratios
from stores import Postgres, Sqlite, accounts, sessions

ME = "/api/v1/users/me"
EMAIL = "ann@example.com"
TOLERANCE = 1.2


def signed_in(port):
    """Registers an account and signs it in."""
    client = Client(port)
    client.register(EMAIL)
    return client.sign_in(EMAIL)["access_token"]


def floors(stack, folder, port, token):
    """The yardsticks beside a running server: the bytes that it answers to this token, and its keys."""
    client = Client(port)
    answer, jwks = Path(folder) / "me.json", Path(folder) / "jwks.json"
    answer.write_bytes(client.ask("GET", ME, token)[1])
    jwks.write_bytes(client.ask("GET", "/.well-known/jwks.json")[1])
    verifying = stack.enter_context(Floor(subfolder(folder, "verifying"), answer, jwks))
    return verifying, stack.enter_context(Floor(subfolder(folder, "bare"), answer))


def subfolder(folder, name):
    path = Path(folder) / name
    path.mkdir()
    return path


def me(plan):
    """GET /users/me with a cached token, compared with bare actix-web."""
    found = Result()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-"))
        server = stack.enter_context(Server(folder, LOADED))
        token = signed_in(server.port)
        verifying, bare = floors(stack, folder, server.port, token)
        limited = stack.enter_context(Server(subfolder(folder, "limited"), LIMITED))
        asked = {
            "Doorward": (server.port, token), "floor that verifies": (verifying.port, token), "bare floor": (bare.port, token),
            "Doorward with rate limits": (limited.port, signed_in(limited.port)),
        }
        flat_out, offered = Load(ME, plan.seconds), Load(ME, plan.seconds, think_ms=16)
        for port, shown in asked.values():
            Load(ME, 1, token=shown).clean(port)
        most, same = (interleave(plan.rounds, {
            name: (lambda port=port, shown=shown, load=load: replace(load, token=shown).clean(port)) for name, (port, shown) in asked.items()
        }) for load in (flat_out, offered))
    rates = {name: [each.rate for each in rounds] for name, rounds in most.items()}
    late = {name: [each.p99_ms for each in rounds] for name, rounds in same.items()}
    found.spreads(f"{flat_out.connections} connections at full speed", "requests per second", rates)
    found.spreads("p50 in the same run", "ms", {name: [each.p50_ms for each in rounds] for name, rounds in most.items()})
    found.spreads(f"p99 at the same offered rate ({offered.connections} connections, each pausing {offered.think_ms} ms between requests)", "ms", late)
    found.spreads("offered rate in the same run", "requests per second", {name: [each.rate for each in rounds] for name, rounds in same.items()})
    to_verifying, to_bare = (ratios(rates["Doorward"], rates[name]) for name in ("floor that verifies", "bare floor"))
    found.spreads("Doorward relative to the floors, for each round", "ratio", {
        "to the floor that verifies": to_verifying, "to the bare floor": to_bare,
        "with rate limits, to the floor that verifies": ratios(rates["Doorward with rate limits"], rates["floor that verifies"]),
        "with rate limits, to the bare floor": ratios(rates["Doorward with rate limits"], rates["bare floor"]),
    })
    found.at_least("throughput, relative to the floor that verifies", median(to_verifying), 2)
    found.at_least("throughput, relative to the bare floor", median(to_bare), 0.5)
    found.at_most("p99 at the same offered rate, relative to the floor that verifies", median(ratios(late["Doorward"], late["floor that verifies"])), 1)
    found.figures["me_rate"] = median(rates["Doorward"])
    return found


def owners_of(users, live):
    """What a token says of each: user, session, e-mail."""
    return [(uuid.UUID(bytes=row[0]), uuid.UUID(bytes=session[0]), row[1]) for row, session in zip(users, live, strict=True)]


def filled_with_sessions(folder, count):
    """An SQLite database with so many accounts and a live session of each, the key, and the tokens."""
    store, key = Sqlite(folder), make_key(folder)
    settings = LOADED | store.settings | {"DOORWARD_TOKENS__SIGNING_KEY_FILE": str(key)}
    with Server(subfolder(folder, "first"), settings) as server:
        signed_in(server.port)
    users = list(accounts(count, store.digest_of(EMAIL)))
    live = list(sessions([row[0] for row in users]))
    store.fill(users, live)
    tokens, _ = sign_tokens(key, owners_of(users, live))
    return settings, tokens


def me_cold(plan):
    """GET /users/me with each token once: signature, session and account are not cached."""
    found = Result()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-"))
        rounds = min(plan.rounds, 3)
        settings, tokens = filled_with_sessions(folder, plan.cold_sessions * rounds)
        server = stack.enter_context(Server(subfolder(folder, "server"), settings))
        verifying, _ = floors(stack, folder, server.port, tokens[0])
        shares = [Path(folder) / f"tokens-{index}" for index in range(rounds)]
        for index, share in enumerate(shares):
            share.write_text("\n".join(tokens[index * plan.cold_sessions : (index + 1) * plan.cold_sessions]))
        loads = {name: iter([Load(ME, plan.seconds * 5, kind="once", tokens=share) for share in shares]) for name in ("server", "floor")}
        seen = interleave(rounds, {
            "Doorward": lambda: next(loads["server"]).clean(server.port),
            "floor that verifies": lambda: next(loads["floor"]).clean(verifying.port),
        })
    rates = {name: [each.rate for each in series] for name, series in seen.items()}
    found.spreads(f"32 connections, {plan.cold_sessions:,} sessions in each round, SQLite", "requests per second", rates)
    found.spreads("p99 then", "ms", {name: [each.p99_ms for each in series] for name, series in seen.items()})
    found.spreads("Doorward relative to the floor, for each round", "ratio", {"to the floor that verifies": ratios(rates["Doorward"], rates["floor that verifies"])})
    found.figures["me_cold_rate"] = median(rates["Doorward"])
    return found


def introspect(plan):
    """POST /auth/introspect by an administrator, with a cached token."""
    found = Result()
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder, Server(folder, LOADED) as server:
        token = signed_in(server.port)
        admin = Client(server.port).sign_in(ADMIN)["access_token"]
        load = introspection(plan.seconds, admin, token)
        load.clean(server.port)
        seen = [load.clean(server.port) for _ in range(plan.rounds)]
    found.spreads("32 connections, SQLite", "", {
        "requests per second": [each.rate for each in seen],
        "p50, ms": [each.p50_ms for each in seen],
        "p99, ms": [each.p99_ms for each in seen],
    })
    return found


def introspection(seconds, admin, token):
    return Load("/api/v1/auth/introspect", seconds, method="POST", token=admin, body=f"token={token}",
                content_type="application/x-www-form-urlencoded")


def users(plan):
    """A list page, a search, GET /users/me and a sign-in with few and with many accounts, on both databases."""
    found = Result()
    for make in (lambda folder, size: Sqlite(folder), lambda folder, size: Postgres(folder, f"bench_{size}")):
        by_size(plan, make, found)
    found.notes.append(
        "Sign-ins use bcrypt cost 4 here, so that hashing does not hide the time of the database. The sizes run alternately, "
        "each on its own server."
    )
    return found


def by_size(plan, make, found):
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-"))
        sized = {}
        for size in plan.accounts:
            own = subfolder(folder, str(size))
            store = make(own, size)
            sized[size] = stack.enter_context(filled(store, own, size))
        asks = {}
        for size, server in sized.items():
            admin = Client(server.port).sign_in(ADMIN)["access_token"]
            for what, load in asked_of(plan, admin).items():
                replace(load, seconds=1).clean(server.port)
                asks[what, size] = lambda load=load, port=server.port: load.clean(port).rate
        seen = interleave(plan.rounds, asks)
    for what in asked_of(plan, None):
        rates = {f"{size:,} accounts": seen[what, size] for size in plan.accounts}
        found.spreads(f"{what}, {store.name}", "requests per second", rates)
        few, many = seen[what, plan.accounts[0]], seen[what, plan.accounts[-1]]
        found.at_most(f"{what}, {store.name}: cost with {plan.accounts[-1]:,} accounts, relative to {plan.accounts[0]:,}", median(ratios(few, many)), TOLERANCE)


def asked_of(plan, admin):
    seconds = max(plan.seconds - 1, 1)
    sign_in = f'{{"identifier":"{EMAIL}","password":"{PASSWORD}"}}'
    return {
        "GET /users?limit=20": Load("/api/v1/users?limit=20", seconds, connections=16, token=admin),
        "GET /users?q=person-1&limit=20": Load("/api/v1/users?q=person-1&limit=20", seconds, connections=16, token=admin),
        "GET /users/me": Load(ME, seconds, connections=16, token=admin),
        "POST /auth/login": Load("/api/v1/auth/login", seconds, connections=4, method="POST", body=sign_in, content_type="application/json"),
    }


def filled(store, folder, size):
    """A running server whose database has so many accounts."""
    settings = LOADED | store.settings
    with Server(subfolder(folder, "first"), settings) as server:
        Client(server.port).register(EMAIL)
    store.fill(accounts(size, store.digest_of(EMAIL)))
    return Server(subfolder(folder, "server"), settings)
