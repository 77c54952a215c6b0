#!/bin/bash
# html_test.sh WRITE_PAGES [FOLDER]: the sample pages are well-formed XML, and a browser draws them without a sideways scroll on
# a telephone. With FOLDER, pages and pictures stay there. What is not installed (xmllint, chromium) is not looked at; without
# either the test is skipped (77).
set -euo pipefail

write_pages=$1
if [ $# -gt 1 ]; then
    folder=$2
else
    folder=$(mktemp -d /tmp/shstore-pages-XXXXXX)
    trap 'rm -rf "$folder"' EXIT
fi
pages=$("$write_pages" "$folder")
looked=

if command -v xmllint >/dev/null; then
    looked=yes
    for page in $pages; do xmllint --noout --nonet "$folder/$page.html"; done
elif command -v python3 >/dev/null; then
    looked=yes
    for page in $pages; do python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$folder/$page.html"; done
fi

# chrome ARGUMENT...: with a home of its own, in bounded time
chrome() {
    HOME=$folder timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$folder/chrome" "$@" 2>/dev/null
}

if command -v chromium >/dev/null; then
    looked=yes
    for page in $pages; do
        # A frame as wide as a small telephone: a script around the page, which has none, measures it.
        { printf '<!DOCTYPE html><iframe id="f" style="width:360px;height:800px;border:0" srcdoc="'
          sed -e 's/&/\&amp;/g' -e 's/"/\&quot;/g' -e '/Content-Security-Policy/d' "$folder/$page.html"
          printf '"></iframe><p id="w"></p><script>f.onload=()=>{w.textContent="width "+'
          printf 'f.contentDocument.documentElement.scrollWidth+" height "+f.contentDocument.documentElement.scrollHeight}</script>'
        } >"$folder/$page.frame.html"
        size=$(chrome --virtual-time-budget=5000 --dump-dom "file://$folder/$page.frame.html" | grep -o 'width [0-9]* height [0-9]*')
        read -r _ width _ height <<<"$size"
        [ "$width" -le 360 ] || { echo "$page: $width px wide on a telephone of 360 px"; exit 1; }
        [ "$height" -gt 300 ] || { echo "$page: nothing is shown"; exit 1; }
        [ $# -gt 1 ] || continue
        chrome --screenshot="$folder/$page.phone.png" --window-size="500,$((height + 50))" --force-device-scale-factor=1 \
            "file://$folder/$page.html"
        chrome --screenshot="$folder/$page.png" --window-size=1280,1500 "file://$folder/$page.html"
    done
fi

[ -n "$looked" ] || exit 77
echo "well: $pages"
