"""Measurements of Osmose beside a peer, in the same run: `python -m bench.film`, `python -m bench.camera`.

Machines are noisy, so what counts are the ratios; nothing here is asserted.
"""
