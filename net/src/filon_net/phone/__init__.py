"""The phone as a library."""
