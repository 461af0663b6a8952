"""The forms of moderation, by noun."""
