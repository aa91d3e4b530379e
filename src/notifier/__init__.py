"""Turn status changes into messages that a person can act on."""
