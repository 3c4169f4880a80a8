"""What single attention heads do: roles by measured rules, and dependency arcs they find."""
