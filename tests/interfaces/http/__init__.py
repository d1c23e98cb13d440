"""Tests of Osmose over HTTP."""
