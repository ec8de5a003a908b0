"""Rank For you: choose candidates, compute their features, and order them.

candidates  five for each shown post, from followees, trends, and what members with similar likes liked
facts       what features are computed from, read from the database
features    numbers about a post for a viewer at a moment; the same code for ranking and training
score       the order by weights that are written and documented by hand
model       the order by LightGBM, when a trained model is better than the score
training    from the log of views and engagements to a model and its figures
"""
