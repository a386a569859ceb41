"""Put together what a browser gets from what is installed: run by `make assets`, quick when nothing changed."""

import translations

if __name__ == "__main__":
    translations.compile_all()
