"""Whom to follow: from whom a suggestion may come, and what it is worth.

A pool holds the best of the whole community for one subject, made once for everybody and kept for a while; what one
member may be suggested is then set arithmetic. Nothing here asks for pairs of people.

What is private stays so: likes say what the *viewer* cares for, never what the suggested person does. That person is
known by public posts, by the interests they chose to be found by, and by where they say they live.
"""
