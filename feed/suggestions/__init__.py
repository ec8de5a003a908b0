"""Compute who to follow: candidates, and their scores.

A pool has the best members of the whole community for one subject. It is built once for everyone and cached; the
suggestions of one member are then set arithmetic. No query asks for pairs of members.

Private facts stay private: likes say what the *viewer* is interested in, never what the suggested member does. That
member is known by public posts, by the interests they chose to be found by, and by the location in their profile.
"""
