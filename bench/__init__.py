"""`make bench`: the speed of pages as ratios to floors measured in the same run. See docs/benchmarks.md."""
