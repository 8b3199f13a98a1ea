"""Engines: (network, tape, state, from, to) -> (trace, state). They know nothing of France."""
