"""The typed face of our FHIR: fhir.resources' models, and a first check of what we read and write.

The models are R4B, which differs from R4 in nothing that we emit. They find types, cardinality and required fields, no
more; profiles and terminology are for real validators.
"""

from typing import Any

from ci_notes.errors import InputError, plain


def typed(bundle: dict[str, Any]) -> Any:
    """Return a bundle as a fhir.resources Bundle; raises InputError that names the first places at fault."""
    from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415  a heavy import
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return Bundle.model_validate(bundle)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]]
        raise InputError("the bundle is not valid FHIR: " + "; ".join(plain(one, 300) for one in faults)) from None
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError):
        # The models themselves stumble over some shapes, such as a resourceType that is a list.
        raise InputError("the bundle is not valid FHIR: a resource in it cannot be read as one") from None
