"""The programs that are measured: building them, starting them, ending them by their process id."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from load import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_SECONDS = 30.0
STOP_WITHIN_SECONDS = 15.0
ISSUER = "http://doorward.test"
AUDIENCE = "doorward"
ADMIN = "admin@doorward.local"

# For load: without limits on how often and how many, and with cheap hashes where hashing is not what is measured.
LOADED = {
    "DOORWARD_RATE_LIMIT__ENABLED": "false",
    # All clients have one address.
    "DOORWARD_HTTP__MAX_CONNECTIONS_PER_ADDRESS": "0",
    "DOORWARD_PASSWORDS__BCRYPT_COST": "4",
    "DOORWARD_BOOTSTRAP__ADMIN_PASSWORD": PASSWORD,
    "DOORWARD_TOKENS__ISSUER": ISSUER,
    "DOORWARD_TELEMETRY__LOG_LEVEL": "error",
}

# Counted as ever, but with quotas that nobody uses up.
LIMITED = LOADED | {"DOORWARD_RATE_LIMIT__ENABLED": "true"} | {
    f"DOORWARD_RATE_LIMIT__{name}": "1000000/m" for name in ("LOGIN", "ACCOUNT", "AUTH", "API", "ADMIN", "PUBLIC")
}


def cores():
    return len(os.sched_getaffinity(0))


def built():
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def build():
    """The release build of Doorward, and of what it is measured by. That asks for no feature of a library which Doorward does
    not ask for: so each library is built once, and the binary is the one that `cargo build --release` makes."""
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "-p", "doorward", "-p", "doorward-bench"], cwd=ROOT, check=True)


def open_many_files():
    """As many as the machine allows: it is inherited by what is started."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_settings(port):
    """The environment without the caller's settings: the binary is measured as it comes."""
    foreign = ("DATABASE_URL", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_") and name not in foreign}
    return kept | {"DOORWARD_HTTP__BIND": f"127.0.0.1:{port}"}


def is_ready(port):
    """Whether GET /health/ready answers 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def is_listening(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def resident_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no VmRSS")


class Program:
    """A program in a folder of its own, from exec until it is told to stop."""

    def __init__(self, command, folder, port, environment, is_up):
        self.port = port
        self.output = Path(folder) / "output.log"
        with self.output.open("wb") as output:
            began = time.monotonic()
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self.pid = self.process.pid
        try:
            self.startup_ms = self._await(is_up, began)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _await(self, is_up, began):
        while not is_up(self.port):
            if self.process.poll() is not None:
                said = self.output.read_text(errors="replace")
                raise RuntimeError(f"the program ended with status {self.process.returncode}:\n{said}")
            if time.monotonic() - began > READY_WITHIN_SECONDS:
                raise RuntimeError(f"the program was not ready within {READY_WITHIN_SECONDS:.0f} s")
            time.sleep(0.001)
        return (time.monotonic() - began) * 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            print(f"a program did not stop within {STOP_WITHIN_SECONDS:.0f} s of SIGTERM and was killed", file=sys.stderr)
            return
        if status != 0:
            print(f"a program answered SIGTERM with status {status}", file=sys.stderr)


class Server(Program):
    """Doorward."""

    def __init__(self, folder, settings=None):
        port = free_port()
        super().__init__([built() / "doorward"], folder, port, own_settings(port) | (settings or {}), is_ready)


def run(folder, settings, *words):
    """What a command of Doorward answers, as JSON."""
    done = subprocess.run(
        [built() / "doorward", *words], cwd=folder, env=own_settings(0) | settings, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"doorward {' '.join(words)} ended with status {done.returncode}:\n{done.stderr}{done.stdout}")
    return json.loads(done.stdout)


class Floor(Program):
    """The yardstick: bare actix-web that gives the same bytes, and verifies tokens if it has the keys."""

    def __init__(self, folder, answer, jwks=None):
        port = free_port()
        verifying = [jwks, ISSUER, AUDIENCE] if jwks else []
        command = [built() / "floor", str(port), str(cores()), answer, *verifying]
        super().__init__(command, folder, port, own_settings(port), is_listening)


def sign_tokens(key, owners):
    """An access token for each (user, session, email), and how many microseconds a signature took."""
    lines = "".join(f"{user} {session} {email}\n" for user, session, email in owners)
    done = subprocess.run(
        [built() / "tokens", key, ISSUER, AUDIENCE], input=lines, text=True, capture_output=True, check=True
    )
    return done.stdout.splitlines(), float(done.stderr)


def make_key(folder):
    path = Path(folder) / "signing.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    path.chmod(0o600)
    return path
