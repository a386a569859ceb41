"""Questions of a team's own: read from the sheets that people write them in (XLSForm), and written out again. No vault, no screen."""
