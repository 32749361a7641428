"""How the benchmarks measure: in turn, so that a drifting machine touches all alike; medians, and ratios of one run."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence


def whole_process(commands: Mapping[str, Sequence[str]], runs: int = 9) -> dict[str, tuple[float, float]]:
    """Return for each command the median wall time in ms and the largest memory in MB, after one uncounted run."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, float] = dict.fromkeys(commands, 0.0)
    for run in range(runs + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = _wait(process)
            if status:
                raise RuntimeError(f"{name} ended with {status}: what was measured is not what was meant")
            if run:
                times[name].append((time.perf_counter() - started) * 1e3)
                memory[name] = max(memory[name], usage.ru_maxrss / 1024)
    return {name: (statistics.median(times[name]), memory[name]) for name in commands}


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, int, resource.struct_rusage]:
    pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return pid, status, usage


def in_process(
    tasks: Mapping[str, Callable[[], object]],
    seconds: float = 1.0,
    of: Callable[[list[float]], float] = statistics.median,
) -> dict[str, float]:
    """Return for each task its time in ms, the median or another measure of small batches in which tasks take turns."""
    batches: dict[str, list[float]] = {name: [] for name in tasks}
    sizes = {name: _batch(task) for name, task in tasks.items()}
    until = time.perf_counter() + seconds * len(tasks)
    while time.perf_counter() < until:
        for name, task in tasks.items():
            started = time.perf_counter()
            for _ in range(sizes[name]):
                task()
            batches[name].append((time.perf_counter() - started) / sizes[name] * 1e3)
    return {name: of(found) for name, found in batches.items()}


def _batch(task: Callable[[], object]) -> int:
    task()
    started = time.perf_counter()
    task()
    return max(1, min(1000, int(0.02 / max(time.perf_counter() - started, 1e-7))))
