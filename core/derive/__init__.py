"""Every number of a forward pass and what it was made from, down to the weights in the file."""

from core.derive.derivation import Derivation
from core.derive.node import Address, Node, Part, Terms
from core.derive.quantities import QUANTITIES, Quantity

__all__ = ["QUANTITIES", "Address", "Derivation", "Node", "Part", "Quantity", "Terms"]
