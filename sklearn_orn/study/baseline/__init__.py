"""Table 1 and Table 2: who is in the study, and what differs between the classes."""
