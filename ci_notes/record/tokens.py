"""Secrets that are given away for a time: of each its hash alone is kept."""

import hashlib
from datetime import datetime, timedelta


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def later(moment: str, **span: float) -> str:
    """Return the moment that lies a span (of timedelta) after another."""
    return (datetime.fromisoformat(moment) + timedelta(**span)).isoformat()
