"""How many faults, as they happen on wards, the checks find in notes that were clean before, and what they find in clean ones."""
