"""How the application is to run; `ci-notes serve` makes this of its options, an embedding application by hand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

ENVIRONMENT = "CI_NOTES_SERVE"
"""The variable that carries the settings to the worker processes of `ci-notes serve`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a running application needs to know.

    `db` is the address of the record, as sqlite:///PATH or postgresql://.... `folders` hold further templates.
    `idle_minutes` is how long a session may be left before it locks, `session_hours` how long it may last.
    `allowed_ancestors` are origins whose pages may embed a form (https://ehr.example), none by default.
    `secure` says that browsers reach us by https, so that cookies are sent on no other road.
    `hosts` are the names that browsers may call us by, without a port; empty where an outer application sees to that.
    `proxy` is the address, or the network, of the proxy in front, as 10.0.0.7 or 10.0.0.0/28; nobody else is
    answered by the server that `ci-notes serve` runs. An outer application sees to that itself.
    `prefix` is the path that everything stands under, when we are not mounted by somebody else.
    """

    db: str
    folders: tuple[Path, ...] = ()
    jurisdiction: str = ""
    idle_minutes: float = 10
    session_hours: float = 12
    allowed_ancestors: tuple[str, ...] = ()
    secure: bool = False
    hosts: tuple[str, ...] = ()
    proxy: str = ""
    prefix: str = ""
    oidc: dict[str, str] = field(default_factory=dict)
    """issuer, client_id, client_secret; and claim (roles), role-NAME (the value of the claim that gives a role)."""
    fhir_servers: dict[str, str] = field(default_factory=dict)
    """The servers that notes may be sent to, by name; the token of each stands in the environment."""
    identifier_systems: dict[str, str] = field(default_factory=dict)
    """Whose numbers patients have, as URIs, by name; the first is that of new patients. Without any: the record's."""


def to_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that hand the settings to a process that we start."""
    plain: dict[str, Any] = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {ENVIRONMENT: json.dumps({**plain, "folders": [str(folder) for folder in settings.folders]})}


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `to_environment` wrote; raises KeyError where it did not."""
    given = json.loads(environ[ENVIRONMENT])
    shape: dict[str, Callable[[Any], Any]] = {"allowed_ancestors": tuple, "hosts": tuple}
    shape["folders"] = lambda names: tuple(Path(name) for name in names)
    return replace(Settings(""), **{name: shape.get(name, lambda same: same)(value) for name, value in given.items()})
