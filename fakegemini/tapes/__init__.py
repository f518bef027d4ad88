"""Cassettes as people live with them: read, compared, made of other recordings.

`answer` reads one recorded answer, `told` a whole cassette as conversations, `lines` and `show`
put these into words; `pair` and `diff` compare two cassettes by meaning; `convert` writes ours.
"""
