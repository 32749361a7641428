"""Clinicians who type at once, each in a draft of their own: a process that does nothing else.

python -m benchmarks.typing_clinicians ADDRESS FILE SECONDS; FILE holds what each of them needs, as `web` writes it.
Prints JSON: how long each change took in ms, and how many were not taken.
"""

import asyncio
import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

import httpx

LENGTHS = range(5, 45)
BEGINNING = 5.0
"""Seconds within which all of them begin to type."""


def having(page: str) -> dict[str, Any]:
    """What a browser that has the page says that it has."""
    marks = dict(re.findall(r'id="?([\w.-]+)"? data-v="?([^" >]*)', page))
    parts = {name: marks[name] for name in ("head", "progress", "computed", "findings", "narrative") if name in marks}
    inside: dict[str, str] = {}
    for section, mark, content in re.findall(
        r'<section class="?s"? id="?([\w.-]+)"? data-v="?([^" >]*)(.*?)</section>', page, re.S
    ):
        inside[section] = " ".join([mark, *re.findall(r'data-v="?([^" >]*)', content)])
    return {"sections": inside, "parts": parts}


async def opened(client: httpx.AsyncClient, one: dict[str, Any]) -> dict[str, Any]:
    """Open the draft, as everybody has before typing begins."""
    if not one["page"]:
        return {}
    page = await client.get(one["page"], headers=one["headers"])
    return having(page.raise_for_status().text)


async def clinician(
    client: httpx.AsyncClient, one: dict[str, Any], have: dict[str, Any], until: float
) -> tuple[list[float], int]:
    """Change one value about once a second, from a moment of the first seconds on."""
    chance, times, failed = random.Random(one["address"]), [], 0
    await asyncio.sleep(chance.uniform(0, BEGINNING))
    while time.perf_counter() < until:
        change = {"act": "put", "place": one["place"], "text": str(chance.choice(LENGTHS))}
        body = {"changes": [change], "batch": f"{chance.getrandbits(64):x}", "tab": "bench", "seen": 9999, "have": have}
        begun = time.perf_counter()
        try:
            answer = await client.post(one["address"], json=body, headers=one["headers"])
            failed += answer.status_code != 200
        except httpx.HTTPError:
            failed += 1
        times.append((time.perf_counter() - begun) * 1e3)
        await asyncio.sleep(max(0.0, chance.uniform(0.7, 1.3) - (time.perf_counter() - begun)))
    return times, failed


async def main(address: str, file: str, seconds: float) -> None:
    who = json.loads(Path(file).read_text(encoding="utf-8"))
    limits = httpx.Limits(max_connections=len(who), max_keepalive_connections=len(who))
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
        having_open = [await opened(client, one) for one in who]
        until = time.perf_counter() + seconds
        typing = (clinician(client, one, have, until) for one, have in zip(who, having_open, strict=True))
        done = await asyncio.gather(*typing)
    print(
        json.dumps({"times": [one for times, _ in done for one in times], "failed": sum(failed for _, failed in done)})
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
