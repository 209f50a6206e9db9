"""Where and with what was measured."""

import os
import platform
import subprocess
from datetime import datetime, timezone

from load import wrk
from programs import ROOT, cores
from stores import psql, redis_info


def first_line(*command, taking_any_status=False):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=not taking_any_status)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def commit():
    """The commit, and whether what was measured differs from it."""
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "crates", "migrations", "Cargo.lock", "Cargo.toml"], cwd=ROOT, check=False)
    return first_line("git", "rev-parse", "--short=12", "HEAD") + (" with changes" if changed.returncode else "")


def describe():
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "commit": commit(),
        "processor": f"{processor()}, {cores()} cores",
        "cores": cores(),
        "memory": f"{memory_gib():.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "rustc": first_line("rustc", "--version"),
        "wrk": first_line(wrk(), "--version", taking_any_status=True).split(" Copyright")[0],
        "PostgreSQL": psql(os.environ["DOORWARD_TEST_POSTGRES_URL"], "SHOW server_version"),
        "Redis": redis_info()["redis_version"],
    }
