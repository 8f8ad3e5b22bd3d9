from tests.integration.releases.fixtures import region, workers

__all__ = ["region", "workers"]
