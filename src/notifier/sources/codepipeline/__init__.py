"""CodePipeline's events."""
