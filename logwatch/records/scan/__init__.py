"""The scan: a source read by the block, not by the line, where that comes to the same.

Only records that hold one of a few literal texts can matter to the rules (see `Wanted`); of a usual log that is one in
a hundred. So a block is searched for these texts at once (`needles`), and only the records around hits are looked at.
All that is skipped is still counted: where each record begins and when it was, a few counts tell for all lines of a
block (`uniform`; `turns` finds its seconds), or a few array operations (`stamps`), since the heads of the lines of one
source look alike; a line that looks otherwise is asked alone (`onward` finds times that look alike and go on). So times
need not be in order, and what is counted is exact.

What a block holds is handed on as a `RecordBatch`: what stands behind the heads of its hits, and when and where they
are, column by column. Of records that say the same one is made; the others need not be. A record of which that is not
sure is assembled, dated and decoded by the very code of the plain path.

`skim` puts that together for a block. It works on whole records: what it is given begins with one that says its time,
and the last record, whose end is not to be seen, is left for the next block. What it cannot do as the plain path would
(holes in the file, records beyond the bounds, years that turn) it hands back, and the plain path does that block.
"""
