"""Cassettes as conversations: what was recorded, answered again under fresh ids.

`meaning` says what makes two requests the same, `names` how the ids of a recording and of a replay
stand for each other, `takes` reads exchanges into chains with their polls, `stream` plays a
recorded stream, `player` answers, `miss` explains what is not on the tape. All of it is pure.
"""
