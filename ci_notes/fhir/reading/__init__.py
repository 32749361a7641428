"""FHIR as a note: our own bundles come back whole, of others what is recognised is taken, with an account of it."""
