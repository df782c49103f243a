#!/bin/sh
# Installs Debian's Chromium for the tests of pages where that is possible. Never fails: without it they are skipped.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium for the tests of pages"
    export DEBIAN_FRONTEND=noninteractive
    install="timeout 300 apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends chromium"
    $install >/dev/null 2>&1 || { timeout 120 apt-get update -qq >/dev/null 2>&1 && $install >/dev/null 2>&1; }
fi
command -v chromium >/dev/null 2>&1 || echo "chromium cannot be installed here: the tests of pages in a browser are skipped"
exit 0
