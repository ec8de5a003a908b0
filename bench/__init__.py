"""`make bench`: how fast the pages are, as ratios to floors taken in the same run. See docs/benchmarks.md."""
