"""Commands and what they cost, and packages whose files are read.

A command's peak memory counts from before it is loaded, so that of a large parent would be told as its own: each is
started by a small process, which is this file run as a program.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile
import time


def timed(command):
    """Seconds, processor seconds, MiB of memory at most, and what was printed."""
    with tempfile.NamedTemporaryFile("r") as report:
        started = subprocess.run([sys.executable, "-I", "-S", __file__, report.name, *map(str, command)], stdout=subprocess.PIPE, text=True)
        if started.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))} failed")
        return *json.load(report), started.stdout


def unpacked(package, folder, into):
    """Unpacks a Debian package without installing it; whether this machine can fetch one."""
    try:
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=False, capture_output=True)
        for path in glob.glob(os.path.join(folder, package + "_*.deb")):
            subprocess.run(["dpkg", "-x", path, os.path.join(folder, into)], check=False)
        return True
    except FileNotFoundError:
        return False


def main():
    start = time.monotonic()
    _, status, usage = os.wait4(subprocess.Popen(sys.argv[2:]).pid, 0)
    with open(sys.argv[1], "w") as report:
        json.dump([time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], report)
    sys.exit(status != 0)


if __name__ == "__main__":
    main()
