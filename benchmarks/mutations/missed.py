"""Why a kind of fault is found less often than is wanted; printed beside its figures."""

WHY: dict[str, str] = {}
