"""What a turn looks like in which the model uses the server's own tools: one file a tool.

Recorded is Google Search alone: call, result, thought, output, each call and result signed. The
members of the other steps are documented or declared by the SDK. That their steps come in the
same order, signed in the same way, is unverified (X); here it is so for all of them.
"""
