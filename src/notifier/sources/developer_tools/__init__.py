"""The events of CodeBuild, CodeDeploy, CodePipeline and Git sync."""
