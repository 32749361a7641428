"""A note sent to a FHIR server so that a repeat changes nothing: what is there is read, a plan made, the rest sent."""
