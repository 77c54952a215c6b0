#!/usr/bin/env bash
# Boost.Spirit X3 (1.74 and 1.83): what an alternative has put into a string before it failed stays there.
#
# `+char_("a-z") >> '=' | +char_("a-z")` on "key" gives "keykey": the first branch fails at the "=", its letters stay in the attribute,
# and the second branch adds its own. raw[] around the rule gives "key". A grammar of directives ("Name = value" or a bare word) meets this.
. "$(dirname "$0")/lib.sh"

cat >"$WORK/parse.cpp" <<'EOC'
#include <boost/spirit/home/x3.hpp>
#include <cstdio>
#include <string>
namespace x3 = boost::spirit::x3;
template <class P> void show(const char* name, const P& parser) {
    const std::string text = "key";
    std::string out;
    auto at = text.begin();
    const bool ok = x3::parse(at, text.end(), parser, out);
    std::printf("%s: %s \"%s\"\n", name, ok && at == text.end() ? "parsed" : "failed", out.c_str());
}
int main() {
    const auto word = +x3::char_("a-z");
    show("plain", (word >> '=') | word);
    show("rule", x3::rule<struct r, std::string>{} = ((word >> '=') | word));
    show("raw", x3::raw[(word >> '=') | word]);
}
EOC
for release in bookworm trixie; do
    use_release "$release"
    case $release in
    bookworm) unpack libboost1.74-dev=1.74.0+ds1-21 ;;
    trixie) unpack libboost1.83-dev=1.83.0-4.2 ;;
    esac
    echo "== Boost $(sed -n 's/^#define BOOST_LIB_VERSION "\(.*\)"/\1/p' "$ROOT/usr/include/boost/version.hpp")"
    g++ -std=c++17 -O0 -isystem "$ROOT/usr/include" -o "$WORK/parse" "$WORK/parse.cpp" 2>"$WORK/log" || cannot "it does not compile: $(head -n 1 "$WORK/log")"
    saw "the word \"key\"" "$WORK/parse"
    expect "twice, but once with raw[]" eval 'prints "plain: parsed \"keykey\"" && prints "raw: parsed \"key\""'
done
ends
