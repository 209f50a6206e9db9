"""How fast this machine hashes passwords at cost 12, without a server: the `bcrypt` crate, our lanes, John the Ripper."""

import os
import re
import shutil
import subprocess

from programs import built, cores

COST = 12


def hashes(count):
    done = subprocess.run([built() / "hashes", str(count)], capture_output=True, text=True, check=True)
    return done.stdout


def one_hash_ms():
    """One hash by the `bcrypt` crate, on one core."""
    return float(hashes(1).split("the bcrypt crate takes ")[1].split(" ms")[0])


def lanes_rate():
    """Hashes a second by the lanes, on all cores at once."""
    quickest = {}
    for core, took in re.findall(r"core (\d+): lanes: .*: (\d+) ms a hash", hashes(cores())):
        quickest[core] = min(int(took), quickest.get(core, int(took)))
    return sum(1000 / took for took in quickest.values())


def john():
    """John the Ripper, where it is installed. Debian keeps it where not every PATH looks."""
    return shutil.which("john", path=f"{os.environ['PATH']}:/usr/sbin")


def john_rate(seconds):
    """Hashes a second by John the Ripper's own benchmark on all cores. Its cost is lower, and each step of cost doubles the work."""
    done = subprocess.run([john(), f"--test={seconds}", "--format=bcrypt"], capture_output=True, text=True, check=True, timeout=30 + 5 * seconds)
    cost, rate = re.search(r'"\$2a\$(\d+)".*?Raw:\s+(\d+) c/s real', done.stdout, re.DOTALL).groups()
    return int(rate) / 2 ** (COST - int(cost))
