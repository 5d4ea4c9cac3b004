"""Whether a model fits on GPUs, how much context is left beside it, and for how many people.

    model, GPUs, quantisations -> options (sizing) -> one of them (choice) -> command (launch)

Everything here is computed from the model's dimensions and the terms in `terms.py`; nothing was
measured on GPUs. `arriero backend plan` shows it, and `arriero backend render` writes it down.
"""
