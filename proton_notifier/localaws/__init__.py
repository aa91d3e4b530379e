"""The template, deployed into a simulated AWS in this process."""
