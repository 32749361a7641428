"""What a page must be for people who see it otherwise: axe-core's rules, and no scrolling from side to side."""

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# WCAG 2.2 A and AA, and what axe-core calls best practice; an iframe's inside is a page of its own.
_OPTIONS = {"resultTypes": ["violations"], "iframes": False}


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, each with where it stands and what would be right."""
    if not page.evaluate("() => typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({json.dumps(_OPTIONS)})")
    return [_said(violation, node) for violation in found["violations"] for node in violation["nodes"]]


def _said(violation: dict[str, Any], node: dict[str, Any]) -> str:
    target = " ".join(str(one) for one in node["target"])
    summary = " ".join(node.get("failureSummary", "").split())
    return f"{violation['id']} at {target}: {summary}\n    {node['html'][:200]}"


def too_wide(page: Page) -> list[str]:
    """Return what makes a page scroll from side to side; what scrolls inside a frame of its own does not count."""
    return [*page.evaluate(_TOO_WIDE)]


_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = one => one && one !== document.documentElement && one !== document.body &&
    (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  return [...document.body.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > width + 1 && !scrolls(one.parentElement))
    .slice(0, 3)
    .map(one => [one, Math.round(one.getBoundingClientRect().right)])
    .map(([one, right]) => `${one.tagName.toLowerCase()}.${one.className} reaches ${right}: `
      + one.outerHTML.slice(0, 120));
}"""
