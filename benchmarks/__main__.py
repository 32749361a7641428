"""Runs all benchmarks, each in a process of its own: `make bench`."""

import subprocess
import sys

if __name__ == "__main__":
    names = ("startup", "stations", "rules", "bulk", "million", "web")
    sys.exit(
        max(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in names)
    )
