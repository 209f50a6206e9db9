"""Scenario of the audit log."""

import tempfile
import time

from programs import LOADED, Server, run
from reads import subfolder
from result import Result, median
from stores import Postgres, Sqlite

SEALED_WITHIN_SECONDS = 1800


def audit(plan):
    """`doorward audit verify` of a long log, each line with personal data, on both databases."""
    found = Result()
    for make in (Sqlite, lambda folder: Postgres(folder, "bench_audit")):
        with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder:
            store = make(folder)
            sealing = sealed(store, folder, plan.audit_lines)
            times = [verified(store, folder, plan.audit_lines) for _ in range(plan.rounds)]
            store.drop()
        lines = f"{plan.audit_lines:,} lines, {store.name}"
        found.spreads(lines, "seconds", {"to verify them": times, "to seal them, once": [sealing]})
        found.at_most(f"time to verify {lines}", median(times), 10, " s")
    found.notes.append(
        "The lines are written by SQL and sealed by a server, 1,000 lines for each seal. A log that grows slowly has more seals for as "
        "many lines, and so more signatures to verify. The time includes the start of the command."
    )
    return found


def sealed(store, folder, lines):
    """Seconds from the start of a server on a log of so many lines without a seal until all are sealed."""
    settings = LOADED | store.settings
    with Server(subfolder(folder, "first"), settings):
        pass
    store.fill_audit(lines)
    with Server(subfolder(folder, "sealing"), settings):
        began = time.monotonic()
        while store.has_unsealed():
            if time.monotonic() - began > SEALED_WITHIN_SECONDS:
                raise RuntimeError(f"{lines:,} lines were not sealed within {SEALED_WITHIN_SECONDS} s")
            time.sleep(0.1)
        return time.monotonic() - began


def verified(store, folder, lines):
    """Seconds of the command."""
    began = time.monotonic()
    verdict = run(folder, LOADED | store.settings, "audit", "verify", "--output", "json")
    took = time.monotonic() - began
    if verdict["status"] != "intact" or verdict["intact_to"] < lines or verdict["unsealed"]:
        raise RuntimeError(f"not all lines were verified: {verdict}")
    return took
