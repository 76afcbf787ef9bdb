"""Tests of what somebody finds who seizes a relay."""
