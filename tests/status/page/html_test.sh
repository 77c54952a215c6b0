#!/bin/bash
# html_test.sh WRITE_PAGES xml: the sample pages are well-formed XML
# html_test.sh WRITE_PAGES browser [FOLDER]: a browser draws them without a sideways scroll on a telephone. With FOLDER, pages
# and pictures of them stay there, to be looked at.
# Skipped (77) where what is asked (xmllint or python3; chromium) is not installed.
set -euo pipefail

write_pages=$1 asked=$2
shift
if [ $# -gt 1 ]; then
    folder=$(realpath -m "$2")
else
    folder=$(mktemp -d /tmp/shstore-pages-XXXXXX)
    trap 'rm -rf "$folder"' EXIT
fi
mapfile -t pages < <("$write_pages" "$folder")
[ "${#pages[@]}" -gt 0 ] || { echo "there are no pages"; exit 1; }

if [ "$asked" = xml ]; then
    if command -v xmllint >/dev/null; then
        for page in "${pages[@]}"; do xmllint --noout --nonet "$folder/$page.html"; done
    elif command -v python3 >/dev/null; then
        for page in "${pages[@]}"; do python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$folder/$page.html"; done
    else
        exit 77
    fi
    echo "well-formed: ${pages[*]}"
    exit
fi
command -v chromium >/dev/null || { echo "there is no chromium"; exit 77; }

# chrome ARGUMENT...: with a home of its own, in bounded time
chrome() {
    HOME=$folder timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$folder/chrome" "$@" 2>>"$folder/chrome.log"
}

# frames: all pages, each in a frame as wide as a small telephone; a script around them, as they have none, measures them
frames() {
    echo '<!DOCTYPE html><script>function told(f,page){const d=f.contentDocument.documentElement;const p=document.createElement("p");
        p.textContent="page "+page+" "+d.scrollWidth+" "+d.scrollHeight+" end";document.body.append(p)}</script>'
    local page
    for page in "${pages[@]}"; do
        printf '<iframe style="width:360px;height:800px;border:0" onload="told(this,%s)" srcdoc="' "'$page'"
        sed -e 's/&/\&amp;/g' -e 's/"/\&quot;/g' -e '/Content-Security-Policy/d' "$folder/$page.html"
        echo '"></iframe>'
    done
}

frames >"$folder/frames.html"
chrome --virtual-time-budget=5000 --dump-dom "file://$folder/frames.html" >"$folder/frames.txt"
for page in "${pages[@]}"; do
    size=$(grep -o "page $page [0-9]* [0-9]* end" "$folder/frames.txt") || { echo "$page: the browser tells nothing"; exit 1; }
    read -r _ _ width height _ <<<"$size"
    [ "$width" -le 360 ] || { echo "$page: $width px wide on a telephone of 360 px"; exit 1; }
    [ "$height" -gt 800 ] || { echo "$page: $height px of text only"; exit 1; }
    [ $# -gt 1 ] || continue
    chrome --screenshot="$folder/$page.png" --window-size=1280,1500 "file://$folder/$page.html"
    chrome --screenshot="$folder/$page.phone.png" --window-size="390,$((height + 50))" "file://$folder/$page.html"
done
echo "drawn well: ${pages[*]}"
