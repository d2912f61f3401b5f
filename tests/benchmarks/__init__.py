"""Comparisons, run by a command of their own: uv run pytest -n 0 tests/benchmarks/bench_*.py"""
