"""Refusals. Their text is read by people: one sentence that says what is wrong and what to do next."""


class RuleViolation(Exception):
    """A move that the rules do not allow now. Nothing has changed; the sentence is shown as it stands."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
