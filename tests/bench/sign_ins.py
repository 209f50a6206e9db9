"""Scenarios of signing in, and of what others feel of it."""

import sqlite3
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hashing import COST, john, john_rate, lanes_rate, one_hash_ms
from load import Client, Load, finish, interleave
from programs import LOADED, Server, cores, make_key, sign_tokens
from reads import ME, signed_in, subfolder
from result import Result, median, ratios

CALLERS = (1, 8, 16)
ATTACKERS = 64
CHAINS = 8
TRANSACTIONS = 400
JOHN = ("John the Ripper guesses passwords from their hashes as fast as the processor can. Its own benchmark (`john --test --format=bcrypt`), "
        "converted to cost 12, is the known limit of this machine.")
NO_JOHN = "The benchmark of John the Ripper is the known limit of a machine. John is not installed here (Debian: the package `john`)."


def sign_in_often(port, email, times):
    """How long each sign-in took, in ms."""
    client, took = Client(port), []
    for _ in range(times):
        began = time.monotonic()
        client.sign_in(email)
        took.append((time.monotonic() - began) * 1000)
    return took


def all_callers(port, callers, times):
    """Sign-ins per second of this many concurrent callers, each with their own account; and how long each took."""
    began = time.monotonic()
    with ThreadPoolExecutor(callers) as pool:
        took = list(pool.map(lambda index: sign_in_often(port, f"caller-{index}@example.com", times), range(callers)))
    return callers * times / (time.monotonic() - began), [each for one in took for each in one]


def login(plan):
    """POST /auth/login with bcrypt cost 12, compared with one hash of the `bcrypt` crate."""
    found, rounds = Result(), min(plan.rounds, 3)
    settings = LOADED | {"DOORWARD_PASSWORDS__BCRYPT_COST": str(COST)}
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder, Server(folder, settings) as server:
        for index in range(max(CALLERS)):
            Client(server.port).register(f"caller-{index}@example.com")
        asks = {str(count): (lambda count=count: all_callers(server.port, count, plan.logins_a_caller)) for count in CALLERS}
        limit = {"John the Ripper": lambda: john_rate(plan.seconds)} if john() else {}
        seen = interleave(rounds, {"hash": one_hash_ms, "the lanes": lanes_rate} | limit | asks)
    hashes = seen.pop("hash")
    alone = {name: seen.pop(name) for name in ["the lanes", *limit]}
    found.spreads("Hashing alone, on all cores, without a server", "hashes with cost 12 per second", alone)
    found.notes.append(JOHN if limit else NO_JOHN)
    found.spreads("One hash with cost 12 by the `bcrypt` crate on one core, the fastest of many attempts", "", {"ms": hashes})
    found.spreads("Concurrent callers, each with their own account, SQLite", "sign-ins per second",
                  {count: [rate for rate, _ in series] for count, series in seen.items()})
    found.spreads("Median time of one sign-in", "ms",
                  {count: [median(took) for _, took in series] for count, series in seen.items()})
    bounds = [2 * cores() * 1000 / each for each in hashes]
    for count in CALLERS[1:]:
        rates = [rate for rate, _ in seen[str(count)]]
        found.at_least(f"sign-ins of {count} callers, to 2 × cores ÷ one hash", median(ratios(rates, bounds)), 1)
    lone = [median(took) for _, took in seen["1"]]
    found.at_most("a single sign-in, relative to one hash", median(ratios(lone, hashes)), 1.1)
    found.figures["login_rate"] = median([rate for rate, _ in seen[str(CALLERS[-1])]])
    return found


def one_durable_transaction_ms(folder):
    """SQLite alone, as the server has it (WAL, synchronous = FULL): one row of a session changed and made durable."""
    database = sqlite3.connect(Path(folder) / "alone.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS one (id INTEGER PRIMARY KEY, token BLOB)")
    database.execute("INSERT OR IGNORE INTO one VALUES (1, x'00')")
    began = time.monotonic()
    for _ in range(TRANSACTIONS):
        database.execute("UPDATE one SET token = ? WHERE id = 1", (uuid.uuid4().bytes,))
    took = (time.monotonic() - began) * 1000 / TRANSACTIONS
    database.close()
    return took


def signature_ms(folder):
    """One signature of an access token with Ed25519, on one core."""
    someone = (uuid.uuid4(), uuid.uuid4(), "ann@example.com")
    _, micros = sign_tokens(make_key(folder), [someone] * 5000)
    return micros / 1000


def refresh_load(folder, port, emails, seconds):
    """Chains of refreshes: one connection and one session each, signed in afresh."""
    tokens = Path(folder) / "refresh-tokens"
    tokens.write_text("\n".join(Client(port).sign_in(email)["refresh_token"] for email in emails))
    return Load("/api/v1/auth/refresh", seconds, connections=len(emails), threads=len(emails), kind="refresh",
                method="POST", content_type="application/json", tokens=tokens)


def refresh(plan):
    """POST /auth/refresh on SQLite, compared with the limit of signing and of one durable transaction for each refresh."""
    found = Result()
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder:
        signature = signature_ms(folder)
        with Server(subfolder(folder, "server"), LOADED) as server:
            emails = [f"caller-{index}@example.com" for index in range(CHAINS)]
            for email in emails:
                Client(server.port).register(email)
            seen = interleave(plan.rounds, {
                "durable": lambda: one_durable_transaction_ms(folder),
                "refresh": lambda: refresh_load(folder, server.port, emails, plan.seconds).clean(server.port),
            })
    # Signing goes on while another's transaction is made durable, so the slower of the two is the limit of those that
    # share no commit.
    signing = cores() * 1000 / (2 * signature)
    limits = [min(1000 / each, signing) for each in seen["durable"]]
    rates = [each.rate for each in seen["refresh"]]
    found.spreads(f"{CHAINS} sessions, each refreshed repeatedly, SQLite", "refreshes per second",
                  {"Doorward": rates, "limit of SQLite and signatures": limits})
    found.spreads("p99 in the same run", "ms", {"Doorward": [each.p99_ms for each in seen["refresh"]]})
    found.spreads("Parts of the limit", "ms", {
        "one durable transaction of SQLite": seen["durable"], "one signature": [signature]})
    found.at_least("refreshes, relative to the limit", median(ratios(rates, limits)), 0.5)
    found.notes.append("Refreshes that arrive during a commit share the next commit, so concurrent refreshes do not need one transaction each. Processor time limits them instead, and the load generator uses the same cores.")
    found.figures["refresh_rate"] = median(rates)
    return found


def storm(plan):
    """GET /users/me of signed-in users, without and with 64 attackers that send wrong passwords."""
    found = Result()
    settings = LOADED | {"DOORWARD_PASSWORDS__BCRYPT_COST": str(COST)}
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder, Server(folder, settings) as server:
        calm = Load(ME, plan.seconds, connections=16, think_ms=16, token=signed_in(server.port))
        attack = Load("/api/v1/auth/login", plan.seconds + 2, connections=ATTACKERS, kind="wrong", method="POST",
                      content_type="application/json")
        calm.run(server.port)
        attacks = []

        def under_attack():
            attacking = attack.start(server.port)
            time.sleep(1)
            seen = calm.run(server.port)
            attacks.append(finish(attacking))
            return seen

        seen = interleave(plan.rounds, {"without": lambda: calm.run(server.port), "with": under_attack})
    named = {"without attackers": seen["without"], f"with {ATTACKERS} attackers": seen["with"]}
    for what, of in (("p99", "p99_ms"), ("p50", "p50_ms"), ("slowest", "max_ms")):
        found.spreads(f"{what} of GET /users/me, 16 connections, each pausing 16 ms between requests", "ms",
                      {name: [getattr(each, of) for each in series] for name, series in named.items()})
    found.spreads("Answers to the attackers", "per second", {
        "401, the password was wrong": [each.looked_at / each.seconds for each in attacks],
        "503, too many at once": [(each.refused - each.looked_at) / each.seconds for each in attacks]})
    without, under = ([each.p99_ms for each in seen[name]] for name in ("without", "with"))
    found.at_most("p99 with attackers, relative to p99 without", median(ratios(under, without)), 3)
    found.at_most("errors of signed-in users", sum(each.errors for series in seen.values() for each in series), 0)
    return found
