"""The loop of the compiled engine: the rules of the SimPy engine, on flat arrays, under the same names.

`world` draws the arrays. `agenda` holds what is to come, `lines` who waits where; `onward`, `calling` and
`joining` are the parts of the SimPy engine; `loop` runs a second after the other. `build` makes the arrays
from a network, a tape and a state, `read` makes the trace and the state from the arrays.
"""
