"""How much is measured: the amounts of a whole run, and those of one that only shows that all works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    rounds: int = 4
    seconds: int = 3
    accounts: tuple = (1_000, 100_000, 1_000_000)
    sessions: tuple = (0, 10_000, 100_000)
    cold_sessions: int = 25_000
    idle_connections: int = 10_000
    logins_a_caller: int = 8
    starts: int = 10
    revocations: int = 1_000
    audit_lines: int = 1_000_000


WHOLE = Plan()
QUICK = Plan(
    rounds=2, seconds=1, accounts=(1_000, 5_000), sessions=(0, 1_000, 5_000), cold_sessions=4_000,
    idle_connections=500, logins_a_caller=2, starts=2, revocations=40, audit_lines=5_000,
)
