"""Answer creates that differ from earlier ones in their words alone, without working all out again.

A *template* is all of a create but the text of its input. It is made by giving a text that nobody
sends to the functions that answer every create, and by looking where it comes out again. What is
filled into it is byte for byte what these functions would answer.
"""
