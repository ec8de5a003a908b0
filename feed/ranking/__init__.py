"""For you: which posts are considered, what is known of each, and in what order they come.

candidates  five for each place, from people followed, from trends, and from what people of like taste liked
features    what is known of a post for a viewer at a moment; the same code when ranking and when training
score       the order by hand, documented weight by weight
model       the order by LightGBM, when a trained model is better than the score
training    from the log of views and engagements to a model and its figures
"""
