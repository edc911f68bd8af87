"""The hands: everything that reaches a host or the network. Only the gate, the lab and the composition root use them."""
