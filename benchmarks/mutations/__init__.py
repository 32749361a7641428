"""What the checks find of faults as they happen on wards, put into clean notes, and in clean notes themselves."""
