"""How often somebody may try to sign in; counted in the record, so that several workers count together."""

from dataclasses import dataclass

from starlette.requests import Request

from ci_notes.record.sign_ins import SignIns
from ci_notes.record.tokens import hashed, later
from ci_notes.web import clock
from ci_notes.web.sessions import seconds
from ci_notes.web.trail import address

MINUTES = 15
OF_NAME, OF_ADDRESS = 5, 20
"""How many attempts fail within that time before the next is refused."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was written down before it was known how it ends: two at once cannot both be the last."""

    sign_ins: SignIns
    written: dict[str, str]
    wait: int
    """Seconds until another may be made; 0 where this one may go on."""
    first: bool = False
    """Whether it is the first that has to wait: the trail keeps that one, so that no stranger fills it."""

    def succeeded(self) -> None:
        """Forget the failures of this name or account; of its address, this attempt alone."""
        for key, attempt in self.written.items():
            self.sign_ins.forget(key="" if key.startswith("address") else key, attempt=attempt)
            if not key.startswith("address"):
                self.sign_ins.forget(key=f"refused {key}")


def attempt(request: Request, name: str = "", account: str = "") -> Attempt:
    """Write an attempt down, under the address and, where one was given, the name.

    Of somebody who holds a session it is written under the `account` alone: strangers who guess at the sign-in keep
    nobody from unlocking and signing.
    """
    sign_ins: SignIns = request.app.state.record.sign_ins
    now = clock.now()
    since = later(now, minutes=-MINUTES)
    most = {_address_key(request): OF_ADDRESS} | ({f"name {hashed(name)}": OF_NAME} if name else {})
    if account:
        most = {f"account {account}": OF_NAME}
    written = {key: sign_ins.attempt(key, now) for key in most}
    wait, refused = 0, list[str]()
    for key, number in most.items():
        count, first = sign_ins.attempts(key, since)
        if count > number:
            wait = max(wait, int(MINUTES * 60 - seconds(first, now)) + 1)
            refused.append(key)
    if wait:
        for one in written.values():
            sign_ins.forget(attempt=one)  # what was refused does not prolong the wait
    sign_ins.forget(before=since)
    firsts = [_is_first(sign_ins, f"refused {key}", now) for key in refused]
    return Attempt(sign_ins, written, wait, any(firsts))


def _is_first(sign_ins: SignIns, key: str, now: str) -> bool:
    """Return whether nothing was written under a key for as long as attempts count, and write it."""
    count, _ = sign_ins.attempts(key, later(now, minutes=-MINUTES))
    if not count:
        sign_ins.attempt(key, now)
    return not count


def strays(request: Request) -> bool:
    """Return whether an address comes back from a provider it was not sent to, and for the first time of late."""
    return _is_first(request.app.state.record.sign_ins, f"stray {_address_key(request)}", clock.now())


def came_back(request: Request) -> None:
    """Forget one attempt of an address: somebody who left it for the department's provider was let in there."""
    sign_ins: SignIns = request.app.state.record.sign_ins
    sign_ins.forget_last(_address_key(request))


def _address_key(request: Request) -> str:
    return f"address {hashed(address(request))}"


def words(wait: int) -> str:
    """Return how long to wait, in words."""
    minutes = -(-wait // 60)
    return f"There were too many attempts to sign in. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
