"""Scenarios of what the server takes of the machine: time to start, and memory."""

import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from load import Client, Load
from programs import LOADED, Server, make_key, open_many_files, resident_mib
from reads import ME, filled_with_sessions, signed_in, subfolder
from result import Result, median, ratios

IDLE_SECONDS = 2.0
# What the server opens besides connections.
OTHER_DESCRIPTORS = 500


def startup(plan):
    """Time from exec to the first 200 of GET /health/ready on an existing SQLite database, and the memory when idle."""
    found = Result()
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder:
        with Server(folder) as first:
            made = first.startup_ms
        times, memory = [], []
        for _ in range(plan.starts):
            with Server(folder) as server:
                times.append(server.startup_ms)
                time.sleep(IDLE_SECONDS)
                memory.append(resident_mib(server.pid))
    found.spreads(f"{plan.starts} starts with default settings", "", {
        "first start, which creates the database, ms": [made], "start to ready, ms": times, "resident memory when idle, MiB": memory})
    found.at_most("start to ready", median(times), 100, " ms")
    found.at_most("resident memory when idle", median(memory), 30, " MiB")
    return found


def memory(plan):
    """Resident memory with live sessions, each used once, and with idle connections."""
    found = Result()
    held = {count: with_sessions(count) for count in plan.sessions}
    few, some, most = plan.sessions
    rows = [[f"{count:,}", f"{mib:.1f}", f"{kib_each(held, few, count):.2f}" if count > few else ""] for count, mib in held.items()]
    found.table("Live sessions, each of a different account and used once with GET /users/me, SQLite", ["sessions", "MiB resident", "KiB for each session"], rows)
    found.notes.append(f"From {some:,} to {most:,} sessions each further session takes {kib_each(held, some, most):.2f} KiB; before that, the connections to SQLite fill their caches.")
    a_session = kib_each(held, few, most)
    found.at_most(f"memory of a live session, with {most:,} sessions", a_session, 1.5, " KiB")
    found.figures["session_memory_kib"] = a_session
    idle_connections(plan, found)
    return found


def kib_each(held, few, many):
    return (held[many] - held[few]) * 1024 / (many - few)


def with_sessions(count):
    """MiB that the server holds after so many sessions were used, and one of them for a while."""
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder:
        settings, tokens = filled_with_sessions(folder, count + 1)
        listed = Path(folder) / "tokens"
        listed.write_text("\n".join(tokens))
        with Server(subfolder(folder, "server"), settings) as server:
            Load(ME, 2, token=tokens[0]).clean(server.port)
            if count:
                Load(ME, 60, kind="once", tokens=listed).clean(server.port)
            time.sleep(IDLE_SECONDS)
            return resident_mib(server.pid)


def idle_connections(plan, found):
    files = open_many_files()
    count = min(plan.idle_connections, files - OTHER_DESCRIPTORS)
    alone, beside, resident = [], [], []
    with tempfile.TemporaryDirectory(prefix="doorward-bench-") as folder, Server(folder, LOADED) as server:
        load = Load(ME, plan.seconds, connections=16, think_ms=16, token=signed_in(server.port))
        load.clean(server.port)
        empty = resident_mib(server.pid)
        for _ in range(plan.rounds):
            alone.append(load.clean(server.port).p99_ms)
            with ExitStack() as held:
                for _ in range(count):
                    held.enter_context(idle(server.port))
                beside.append(load.clean(server.port).p99_ms)
                resident.append(resident_mib(server.pid))
            time.sleep(IDLE_SECONDS)
    full = median(resident)
    found.table("Idle keep-alive connections", ["connections", "MiB resident"], [["0", f"{empty:.1f}"], [f"{count:,}", f"{full:.1f}"]])
    late = {"without": alone, f"with {count:,} idle connections": beside}
    found.spreads("p99 of GET /users/me, 16 connections, each pausing 16 ms between requests", "ms", late)
    found.at_most(f"memory with {count:,} idle connections", full, 130, " MiB")
    found.at_most("p99 with idle connections, relative to p99 without", median(ratios(beside, alone)), 1.2)
    a_connection = (full - empty) * 1024 / count
    found.notes.append(f"An idle connection takes {a_connection:.1f} KiB: among many connections, its actix-http buffers of 16 KiB are freed until its next request. Each round opens all connections again.")
    if count < plan.idle_connections:
        found.notes.append(f"{plan.idle_connections:,} connections need more open files than a process may have on this machine ({files:,}); {count:,} were used.")
    found.figures["connection_memory_kib"] = a_connection


def idle(port):
    """A connection that has asked once, and is kept."""
    kept = socket.create_connection(("127.0.0.1", port), timeout=30)
    kept.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if not kept.recv(4096).startswith(b"HTTP/1.1 200"):
        raise RuntimeError("a connection was not served")
    return kept
