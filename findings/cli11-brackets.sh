#!/usr/bin/env bash
# CLI11 2.1.2 (Debian 12) and 2.4.1 (Debian 13) take positional arguments in square brackets apart, also behind "--".
#
# "[a,b]" becomes two words, "[]" vanishes; braces stay. A program that hands its free arguments on to another program
# (`tool -- sh -c '[ -e x ]'`) runs something else than what was typed.
. "$(dirname "$0")/lib.sh"

cat >"$WORK/words.cpp" <<'EOC'
#include <CLI/CLI.hpp>
#include <cstdio>
int main(int argc, char** argv) {
    CLI::App app;
    std::vector<std::string> words;
    app.add_option("words", words)->expected(-1);
    CLI11_PARSE(app, argc, argv);
    std::printf("%zu words:", words.size());
    for (const auto& word : words) std::printf(" <%s>", word.c_str());
    std::printf("\n");
}
EOC
for release in bookworm trixie; do
    use_release "$release"
    case $release in
    bookworm) unpack libcli11-dev=2.1.2+ds-1 ;;
    trixie) unpack libcli11-dev=2.4.1+ds-2 ;;
    esac
    echo "== CLI11 $(sed -n 's/^#define CLI11_VERSION "\(.*\)"/\1/p' "$ROOT"/usr/include/CLI/*.hpp | head -n 1)"
    g++ -std=c++17 -O0 -isystem "$ROOT/usr/include" -o "$WORK/words" "$WORK/words.cpp" 2>"$WORK/log" || cannot "it does not compile: $(head -n 1 "$WORK/log")"
    saw "words -- printf '[a,b]' '[]' '{x}'" "$WORK/words" -- printf '[a,b]' '[]' '{x}'
    expect "the brackets are gone, and [] is" prints "4 words: <printf> <a> <b> <{x}>"
    saw "words -- sh -c '[ -e x ]'" "$WORK/words" -- sh -c '[ -e x ]'
    expect "the shell would be given something else" not prints "<[ -e x ]>"
done
ends
