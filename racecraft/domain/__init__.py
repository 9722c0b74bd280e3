"""What racing is: frozen values and pure rules (no files, clock, network or randomness)."""
