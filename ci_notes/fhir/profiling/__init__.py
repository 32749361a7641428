"""What describes our FHIR to others: profiles, code systems and value sets of the elements, and their package."""
