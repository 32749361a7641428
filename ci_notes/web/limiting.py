"""How often somebody may try to sign in; counted in the record, so that several workers count together."""

from dataclasses import dataclass

from starlette.requests import Request

from ci_notes.record.accounts import Accounts, hashed, later
from ci_notes.web import clock
from ci_notes.web.sessions import seconds
from ci_notes.web.trail import address

MINUTES = 15
OF_NAME, OF_ADDRESS = 5, 20
"""How many attempts fail within that time before the next is refused."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was written down before it was known how it ends: two at once cannot both be the last."""

    accounts: Accounts
    written: dict[str, str]
    wait: int
    """Seconds until another may be made; 0 where this one may go on."""
    first: bool = False
    """Whether it is the first that has to wait: the trail keeps that one, so that no stranger fills it."""

    def succeeded(self) -> None:
        """Forget the failures of this name or account; of its address, this attempt alone."""
        for key, attempt in self.written.items():
            self.accounts.forget(key="" if key.startswith("address") else key, attempt=attempt)
            if not key.startswith("address"):
                self.accounts.forget(key=f"refused {key}")


def attempt(request: Request, name: str = "", account: str = "") -> Attempt:
    """Write an attempt down, under the address and, where one was given, the name.

    Of somebody who holds a session it is written under the `account` alone: strangers who guess at the sign-in keep
    nobody from unlocking and signing.
    """
    accounts: Accounts = request.app.state.record.accounts
    now = clock.now()
    since = later(now, minutes=-MINUTES)
    most = {_address_key(request): OF_ADDRESS} | ({f"name {hashed(name)}": OF_NAME} if name else {})
    if account:
        most = {f"account {account}": OF_NAME}
    written = {key: accounts.attempt(key, now) for key in most}
    wait, refused = 0, list[str]()
    for key, number in most.items():
        count, first = accounts.attempts(key, since)
        if count > number:
            wait = max(wait, int(MINUTES * 60 - seconds(first, now)) + 1)
            refused.append(key)
    if wait:
        for one in written.values():
            accounts.forget(attempt=one)  # what was refused does not prolong the wait
    accounts.forget(before=since)
    firsts = [_is_first(accounts, f"refused {key}", now) for key in refused]
    return Attempt(accounts, written, wait, any(firsts))


def _is_first(accounts: Accounts, key: str, now: str) -> bool:
    """Return whether nothing was written under a key for as long as attempts count, and write it."""
    count, _ = accounts.attempts(key, later(now, minutes=-MINUTES))
    if not count:
        accounts.attempt(key, now)
    return not count


def strays(request: Request) -> bool:
    """Return whether an address comes back from a provider it was not sent to, and for the first time of late."""
    return _is_first(request.app.state.record.accounts, f"stray {_address_key(request)}", clock.now())


def came_back(request: Request) -> None:
    """Forget one attempt of an address: somebody who left it for the department's provider was let in there."""
    accounts: Accounts = request.app.state.record.accounts
    accounts.forget_last(_address_key(request))


def _address_key(request: Request) -> str:
    return f"address {hashed(address(request))}"


def words(wait: int) -> str:
    """Return how long to wait, in words."""
    minutes = -(-wait // 60)
    return f"There were too many attempts to sign in. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
