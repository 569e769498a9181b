"""The verdict: statistics and judgement, from tallies to pass, fail or inconclusive."""
