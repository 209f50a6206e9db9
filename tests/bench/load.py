"""Load from outside: wrk for many requests, http.client for single ones."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
PASSWORD = "copper-violin-marsh-42"


def wrk():
    found = shutil.which("wrk")
    if not found:
        sys.exit("the benches need the load generator wrk: sudo apt-get install wrk")
    return found


@dataclass(frozen=True)
class Round:
    """What one run of wrk saw. Looked at are wrong passwords that were compared, where such are sent."""

    requests: int
    seconds: float
    refused: int
    looked_at: int
    broken: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def rate(self):
        return self.requests / self.seconds

    @property
    def errors(self):
        return self.refused + self.broken


@dataclass(frozen=True)
class Load:
    """Requests of one kind, for one server after another."""

    path: str
    seconds: float
    connections: int = 32
    threads: int = 1
    kind: str = "same"
    method: str = "GET"
    token: str = None
    body: str = None
    content_type: str = None
    tokens: Path = None
    think_ms: int = 0

    def start(self, port):
        told = {
            "KIND": self.kind, "METHOD": self.method, "TOKEN": self.token, "BODY": self.body,
            "CONTENT_TYPE": self.content_type, "TOKENS": self.tokens, "THINK_MS": self.think_ms,
        }
        environment = {f"BENCH_{name}": str(value) for name, value in told.items() if value is not None}
        command = [
            wrk(), f"-t{self.threads}", f"-c{self.connections}", f"-d{self.seconds}s", "--timeout", "30s",
            "-s", SCRIPT, f"http://127.0.0.1:{port}{self.path}",
        ]
        return subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True)

    def run(self, port):
        return finish(self.start(port))

    def clean(self, port):
        """As `run`, where every answer must be a good one."""
        seen = self.run(port)
        if seen.errors or not seen.requests:
            raise RuntimeError(f"{self.method} {self.path}: of {seen.requests} answers {seen.refused} were refusals, {seen.broken} broken")
        return seen


def finish(process):
    lines = []
    with process.stdout:
        for line in process.stdout:
            if line.startswith("SPENT"):
                end_early(process)
            lines.append(line)
    process.wait()
    for line in lines:
        if line.startswith("RESULT "):
            requests, micros, refused, looked_at, broken, p50, p99, most = map(int, line.split()[1:])
            return Round(requests, micros / 1e6, refused, looked_at, broken, p50 / 1000, p99 / 1000, most / 1000)
    raise RuntimeError(f"wrk ended with status {process.returncode}:\n{''.join(lines)}")


def end_early(process):
    """An interrupt makes wrk report at once, if the thread that sleeps is the one that gets it."""
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(0.01)
        except subprocess.TimeoutExpired:
            continue


def interleave(rounds, things):
    """Runs A B A B …, so that what else the machine does falls on all alike. For each name, what each round gave."""
    seen = {name: [] for name in things}
    for _ in range(rounds):
        for name, thing in things.items():
            seen[name].append(thing())
    return seen


class Client:
    """One kept connection to a node."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, method, path, token=None, body=None):
        headers = {"Content-Type": "application/json"} if body else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def expect(self, status, *request):
        answered, body = self.ask(*request)
        if answered != status:
            raise RuntimeError(f"{request[0]} {request[1]} was answered {answered}, not {status}: {body.decode(errors='replace')}")
        return json.loads(body) if body else None

    def register(self, email):
        return self.expect(201, "POST", "/api/v1/auth/register", None, {"email": email, "password": PASSWORD})

    def sign_in(self, email, password=PASSWORD):
        return self.expect(200, "POST", "/api/v1/auth/login", None, {"identifier": email, "password": password})

    def accepts(self, token):
        return self.ask("GET", "/api/v1/users/me", token)[0] == 200
