"""Put together what a browser gets from what is installed: run by `make assets`, quick when nothing changed."""

import bundle
import static_assets
import translations

if __name__ == "__main__":
    translations.compile_all()
    static_assets.static_assets()
    bundle.bundle()
