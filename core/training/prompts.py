"""What the model is asked at every stored point of its pretraining. Needs no torch."""

TOP_WORDS = 8
PROMPTS = (
    "The capital of France is [MASK].",
    "The man went to the [MASK] to buy milk.",
    "She opened the door and [MASK] into the room.",
    "Water is made of hydrogen and [MASK].",
    "He was born in [MASK] in 1952.",
    "The opposite of hot is [MASK].",
    "A dog is an [MASK] that people keep as a pet.",
    "They [MASK] playing football when it started to rain.",
    "The river flows into the [MASK].",
    "She is a [MASK] who plays the piano.",
    "The [MASK] rises in the east and sets in the west.",
    "It is one of the largest [MASK] in the world.",
)
SENTENCES = (
    "The animal didn't cross the street because it was too tired.",
    "The cat sat on the mat and the dog slept.",
    "Paris is the capital of France.",
    "She read the book that her brother wrote.",
)
