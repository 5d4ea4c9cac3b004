"""A Code Llama that knows the true files and answers as well as it can at its best.

    prompt -> tokenizer -> dialog -> request -> truth -> what it says -> tokens

It reads the prompt as the model's reference does and shares no code with those who write it, so it
is an independent check of them: a prompt that is amiss gets one of the model's known bad answers.
Speed, slots, a prefix cache and faults can be ordered. Nothing of the model itself is in here.
"""
