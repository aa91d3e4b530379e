"""Fakes of the vendors' servers on loopback; they reject the same requests as the vendors."""
