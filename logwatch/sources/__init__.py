"""Sources: names on the command line become streams of bytes.

`discover` turns names into sources; each kind of source has a file of its own behind the protocol in
`source`.
"""
