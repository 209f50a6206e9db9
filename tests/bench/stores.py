"""Databases for the benches: what the server is told of each, filling it by SQL, and what it has used of the processor."""

import functools
import glob
import os
import shutil
import socket
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
# Older than whatever the server makes during a bench, so that ids sort as they would.
AGE_SECONDS = 3600
SESSION_LIFE_SECONDS = 7 * 86400
SESSION_COLUMNS = (
    "id, user_id, client_id, authentications, device, user_agent, address, created_at, last_seen_at, generation, refresh_token, "
    "refresh_issued_at, expires_at"
)

# What a session rests on: a password, at a time that no scenario looks at.
PROVED = '[{"method":"password","provider":"local","at":"2026-01-01T00:00:00Z"}]'


def _ids(count):
    """UUIDv7s in the order of time, a tenth of a millisecond apart at a million."""
    began = int((time.time() - AGE_SECONDS) * 1000)
    chance = os.urandom(10 * count)
    for index in range(count):
        drawn = chance[10 * index : 10 * index + 10]
        head = (began + index // 10).to_bytes(6, "big")
        yield head + bytes((0x70 | drawn[0] & 15, drawn[1], 0x80 | drawn[2] & 63)) + drawn[3:]


def _time(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(seconds))


def accounts(count, digest):
    """Rows of `users`: id, email, password hash, time."""
    made = _time(time.time() - AGE_SECONDS)
    return ((user, f"person-{index}@example.com", digest, made) for index, user in enumerate(_ids(count)))


def sessions(users):
    """A live session for each user, as a row of `sessions`."""
    now = time.time()
    made, ends = _time(now - 60), _time(now + SESSION_LIFE_SECONDS)
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
    return (
        (session, user, "doorward", PROVED, "Chrome on Linux", agent, "127.0.0.1", made, made, 1, refresh, made, ends)
        for user, session, refresh in zip(users, _ids(len(users)), _ids(len(users)), strict=True)
    )


UNSEALED = "SELECT 1 FROM audit_events WHERE seq IS NULL"
AUDIT_COLUMNS = "id, occurred_at, actor, action, subject, account_id, outcome, correlation_id, details"


def audit_lines(count):
    """Rows of `audit_events`, as sign-ins write them."""
    made = _time(time.time() - AGE_SECONDS)
    details = '{"method":"password","provider":"local","client":"doorward"}'
    return (
        (line, made, "anonymous", "session.sign_in", f"session:{uuid.UUID(bytes=line)}", line, "success", f"request-{index}", details)
        for index, line in enumerate(_ids(count)))


# What each of them tells of a person.
PERSONAL_DETAILS = """INSERT INTO audit_personal_details (event_id, account_id, address, user_agent)
    SELECT id, account_id, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
    FROM audit_events WHERE seq IS NULL"""


# What each of them is found by: the whole address, and its domain.
SEARCH_KEYS = """INSERT INTO search_keys (user_id, key, previous, is_active)
    SELECT id, email, 'example.com', is_active FROM users WHERE email LIKE 'person-%'
    UNION ALL SELECT id, 'example.com', '', is_active FROM users WHERE email LIKE 'person-%'"""


class Sqlite:
    """A file, which one server has open at a time."""

    name = "SQLite"

    def __init__(self, folder):
        self.path = Path(folder) / "bench.db"
        self.settings = {"DATABASE_URL": f"sqlite://{self.path}", "DOORWARD_STORAGE__DATA_DIR": f"{folder}/data"}

    def digest_of(self, email):
        with sqlite3.connect(self.path) as database:
            return database.execute("SELECT password_hash FROM users WHERE email = ?", (email,)).fetchone()[0]

    def fill(self, users, live=()):
        database = sqlite3.connect(self.path)
        database.execute("PRAGMA synchronous = OFF")
        with database:
            database.executemany(
                "INSERT INTO users (id, email, email_verified, is_active, password_hash, created_at, updated_at, version) "
                "VALUES (?1, ?2, 0, 1, ?3, ?4, ?4, 1)", users)
            database.execute(
                "INSERT INTO user_roles SELECT id, 'user', created_at FROM users WHERE email LIKE 'person-%'")
            database.execute(SEARCH_KEYS)
            marks = ", ".join("?" * 13)
            database.executemany(f"INSERT INTO sessions ({SESSION_COLUMNS}) VALUES ({marks})", live)
        database.execute("ANALYZE")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()


    def fill_audit(self, count):
        database = sqlite3.connect(self.path)
        database.execute("PRAGMA synchronous = OFF")
        with database:
            marks = ", ".join("?" * 9)
            database.executemany(f"INSERT INTO audit_events ({AUDIT_COLUMNS}) VALUES ({marks})", audit_lines(count))
            database.execute(PERSONAL_DETAILS)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    def has_unsealed(self):
        database = sqlite3.connect(self.path, timeout=60)
        found = database.execute(f"SELECT EXISTS ({UNSEALED})").fetchone()[0]
        database.close()
        return bool(found)

    def drop(self):
        """Nothing: the file goes with its folder."""


class Postgres:
    """A database of its own on the server that tests/run started."""

    name = "PostgreSQL"

    def __init__(self, folder, database):
        base = os.environ["DOORWARD_TEST_POSTGRES_URL"]
        psql(base, f'DROP DATABASE IF EXISTS "{database}"', f'CREATE DATABASE "{database}"')
        self.url = base.rsplit("/", 1)[0] + "/" + database
        self.settings = {"DATABASE_URL": self.url, "DOORWARD_STORAGE__DATA_DIR": f"{folder}/data"}

    def digest_of(self, email):
        return psql(self.url, f"SELECT password_hash FROM users WHERE email = '{email}'")

    def fill(self, users, live=()):
        self._copy("users (id, email, email_verified, is_active, password_hash, created_at, updated_at, version)", (
            (uuid.UUID(bytes=user), email, "f", "t", digest, made, made, 1) for user, email, digest, made in users))
        psql(self.url, "INSERT INTO user_roles SELECT id, 'user', created_at FROM users WHERE email LIKE 'person-%'")
        psql(self.url, SEARCH_KEYS)
        self._copy(f"sessions ({SESSION_COLUMNS})", (
            (uuid.UUID(bytes=row[0]), uuid.UUID(bytes=row[1]), *row[2:10], uuid.UUID(bytes=row[10]), *row[11:]) for row in live))
        psql(self.url, "VACUUM ANALYZE")

    def _copy(self, into, rows):
        copying = subprocess.Popen(
            [psql_program(), "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url, "-c", f"COPY {into} FROM STDIN"],
            stdin=subprocess.PIPE, text=True)
        for row in rows:
            copying.stdin.write("\t".join(map(str, row)) + "\n")
        copying.stdin.close()
        if copying.wait() != 0:
            raise RuntimeError(f"PostgreSQL did not take the rows of {into}")

    def fill_audit(self, count):
        self._copy(f"audit_events ({AUDIT_COLUMNS})", (
            (uuid.UUID(bytes=line[0]), *line[1:5], uuid.UUID(bytes=line[5]), *line[6:]) for line in audit_lines(count)))
        psql(self.url, PERSONAL_DETAILS, "VACUUM ANALYZE")

    def has_unsealed(self):
        return psql(self.url, f"SELECT EXISTS ({UNSEALED})") == "t"

    def drop(self):
        base = os.environ["DOORWARD_TEST_POSTGRES_URL"]
        psql(base, f'DROP DATABASE "{self.url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def bytes_of(self, table):
        return int(psql(self.url, f"SELECT pg_total_relation_size('{table}')"))


def psql_program():
    found = shutil.which("psql") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)), None)
    if not found:
        raise RuntimeError("filling PostgreSQL needs psql: sudo apt-get install postgresql-client")
    return found


def psql(url, *statements):
    chosen = [word for statement in statements for word in ("-c", statement)]
    done = subprocess.run(
        [psql_program(), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", url, *chosen], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"PostgreSQL refused: {done.stderr}")
    return done.stdout.strip()


def _stat(pid):
    """The fields of /proc/PID/stat that follow the name."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()


def processor_seconds(pid):
    return sum(map(int, _stat(pid)[11:13])) / TICKS


@functools.cache
def _postmaster():
    """Asked once: a new connection costs PostgreSQL more than many a request."""
    child = psql(os.environ["DOORWARD_TEST_POSTGRES_URL"], "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    return _stat(child)[1]


def postgres_processor_seconds():
    """Of the whole server: those of its processes that live, and of those that it has buried."""
    postmaster = _postmaster()
    total = sum(map(int, _stat(postmaster)[11:15])) / TICKS
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and _stat(folder.name)[1] == postmaster:
                total += processor_seconds(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def redis_info():
    address = urlsplit(os.environ["DOORWARD_TEST_REDIS_URL"])
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"INFO\r\n")
        answer = connection.makefile("rb")
        length = int(answer.readline()[1:])
        lines = answer.read(length).decode().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def redis_processor_seconds():
    info = redis_info()
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])
