# Runs here as whoever called: lets a browser without a window draw index.html, and keeps what it made of the page.
found=
for browser in "$REVFS_BROWSER" chromium chromium-browser google-chrome google-chrome-stable chrome; do
  if [ -n "$browser" ] && command -v "$browser" >/dev/null 2>&1; then found=$browser; break; fi
done
[ -n "$found" ] || exit 127
# Chromium refuses to have a sandbox as root. The page is our own, and nothing it may name in a template is reached.
sandbox=
[ "$(id -u)" != 0 ] || sandbox=--no-sandbox
exec timeout 120 "$found" --headless $sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions \
  --user-data-dir="$PWD/profile" --host-resolver-rules='MAP * ~NOTFOUND' --virtual-time-budget=100000 \
  --dump-dom "file://$PWD/index.html" >dump.html 2>browser.log
