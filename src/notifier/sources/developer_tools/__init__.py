"""The events of CodeBuild, CodeDeploy and Git sync."""
