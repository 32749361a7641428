"""How the application is to run; `ci-notes serve` makes this of its options, an embedding application by hand."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What a running application needs to know.

    `db` is the address of the record, as sqlite:///PATH or postgresql://.... `folders` hold further templates.
    `idle_minutes` is how long a session may be left before it locks, `session_hours` how long it may last.
    `allowed_ancestors` are origins whose pages may embed a form (https://ehr.example), none by default.
    `secure` says that browsers reach us by https, so that cookies are sent on no other road.
    """

    db: str
    folders: tuple[Path, ...] = ()
    jurisdiction: str = ""
    idle_minutes: float = 10
    session_hours: float = 12
    allowed_ancestors: tuple[str, ...] = ()
    secure: bool = False
    oidc: dict[str, str] = field(default_factory=dict)
