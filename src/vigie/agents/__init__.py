"""The team: one specialist a file; each takes its checks and steps to the gate and brings the answers back."""
