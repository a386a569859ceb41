"""What every test needs: the catalogues as they stand in the .po files."""

from tools.translations import compile_all


def pytest_configure() -> None:
    compile_all()
