"""An example pack that extends a template of ci-notes: data only."""
