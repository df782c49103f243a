"""How fast Alexandria is, measured on the real thing: `python -m bench` (see `docs/benchmarks.md`).

Each bench is a module with `run(size, quick) -> Result`: `load`, `lookup`, `batch`, `during_load`, `cold`,
`generator`. They share the invented dump and the loaded database of their size (`workspace`, `catalogue`), start the
service as its users do (`service`), and measure it with wrk and pgbench (`wrk`, `pgbench`), which ask for the same
ISBNs (`draw`). `result` is what a bench says, `report` what a person reads, `machine` where it was.

Nothing of the program is switched off, the embedded server has its own settings, and every ratio is of two things
measured in the same run. Not part of the wheel.
"""
