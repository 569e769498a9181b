"""The scan: a source read by the block, not by the line, where that comes to the same.

Only records that hold one of a few literal texts can matter to the rules (see `Wanted`); of a usual log that is one in
a hundred. So a block is searched for these texts at once (`needles`), and only the records around hits are cut into
lines, assembled, dated and decoded, by the very code of the plain path. All that is skipped is still counted: where
each record begins and when it was, a few array operations tell for all lines of a block (`stamps`), since the heads of
the lines of one source look alike; a line that looks otherwise is asked alone. So times need not be in order, and what
is counted is exact.

`skim` puts that together for a block. It works on whole records: what it is given begins with one that says its time,
and the last record, whose end is not to be seen, is left for the next block. What it cannot do as the plain path would
(holes in the file, records beyond the bounds, years that turn) it hands back, and the plain path does that block.
"""
