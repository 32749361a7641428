"""FHIR R4, both ways: notes to bundles and bundles to notes."""
