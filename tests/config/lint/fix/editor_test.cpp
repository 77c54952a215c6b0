// The building blocks of fixes: text in, text out, so that one sees what the administrator would see.
#include "config/lint/fix/editor.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/lint/fix/edits.h"

namespace shstore::config::lint {
namespace {

/// The place of the `n`th occurrence of `what`, counted from 1.
Place find(const std::string& text, std::string_view what, int n = 1) {
  size_t at = text.find(what);
  while (--n > 0) at = text.find(what, at + 1);
  const std::string before = text.substr(0, at);
  const auto line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  return {"sd.conf", line, static_cast<uint32_t>(at - (line == 1 ? 0 : before.rfind('\n') + 1) + 1), 0};
}

std::string edited(const std::string& text, const std::optional<Edit>& edit) {
  if (!edit) return "nothing";
  const auto result = apply_edits(text, std::vector<Edit>{*edit});
  return result ? *result : "error: " + result.error();
}

struct One {
  explicit One(std::string from) : text(std::move(from)) { editor.add("sd.conf", text); }
  std::string text;
  Editor editor;

  std::string without(std::string_view directive) {
    return edited(text, editor.remove_directive(find(text, directive)));
  }
  std::string with(std::string_view directive, std::string_view value) {
    return edited(text, editor.replace_value(find(text, directive), value));
  }
  std::string insert(std::string_view name, std::string_view value, std::string_view after = {}) {
    return edited(text, editor.insert_directive(find(text, "Device"), name, value, after));
  }
};

TEST(RemoveDirective, TakesItsLineWithTheCommentOnIt) {
  EXPECT_EQ(One("Director {\n  Name = d\n  Shared Storage = yes    # Not used in 6.0.2\n  Password = x\n}\n")
                .without("Shared"),
            "Director {\n  Name = d\n  Password = x\n}\n");
  EXPECT_EQ(One("D {\n  # why\n  a = 1 ;\n}\n").without("a ="), "D {\n  # why\n}\n");
  EXPECT_EQ(One("D {\n  a = \"x\n y\" # z\n  b = 1\n}\n").without("a ="), "D {\n  b = 1\n}\n");
}

TEST(RemoveDirective, TakesOnlyItselfFromASharedLine) {
  EXPECT_EQ(One("D {\n  a = 1; b = 2 # both\n}\n").without("b ="), "D {\n  a = 1 # both\n}\n");
  EXPECT_EQ(One("D {\n  a = 1; b = 2 # both\n}\n").without("a ="), "D {\n  b = 2 # both\n}\n");
  EXPECT_EQ(One("D { a = 1; b = 2; c = 3 }\n").without("b ="), "D { a = 1; c = 3 }\n");
  EXPECT_EQ(One("D { a = 1; b = 2; c = 3 }\n").without("c ="), "D { a = 1; b = 2 }\n");
  EXPECT_EQ(One("D { a = 1; b = 2; }\n").without("b ="), "D { a = 1; }\n");
  EXPECT_EQ(One("D { b = 2 }\n").without("b ="), "D { }\n");
  EXPECT_EQ(One("D { b = 2\n  c = 3 }\n").without("b ="), "D {\n  c = 3 }\n");
  EXPECT_EQ(One("D { b = 2\n  c = 3 }\n").without("c ="), "D { b = 2\n }\n");
}

TEST(RemoveDirective, KeepsAwayFromWhatItDoesNotUnderstand) {
  EXPECT_EQ(One("D {\n  a = @x\n}\n").without("a ="), "nothing");
  EXPECT_EQ(One("D {\n  a = b = c\n}\n").without("a ="), "nothing");
  EXPECT_EQ(One("D {\n  a = { b = 1 }\n}\n").without("a ="), "nothing");
  EXPECT_EQ(One("D {\n  a = 1\n}\n").without("1"), "nothing");
}

TEST(ReplaceValue, KeepsQuotesAndQuotesWhereItMust) {
  EXPECT_EQ(One("D {\n\tAlwaysOpen=yes # x\n}\n").with("Always", "no"), "D {\n\tAlwaysOpen=no # x\n}\n");
  EXPECT_EQ(One("D { a = \"yes\"; b = 1 }").with("a =", "no"), "D { a = \"no\"; b = 1 }");
  EXPECT_EQ(One("D { a = x }").with("a =", "Changer 1"), "D { a = \"Changer 1\" }");
  EXPECT_EQ(One("D { a = x }").with("a =", "Changer-1"), "D { a = Changer-1 }");
  EXPECT_EQ(One("D { a = x }").with("a =", "q\"\\"), "D { a = \"q\\\"\\\\\" }");
  EXPECT_EQ(One("D { a = 1 h 30 min }").with("a =", "90"), "D { a = 90 }");
}

TEST(ReplaceWord, ChangesOneOfAList) {
  One list("D { a = x, \"y\", z }");
  EXPECT_EQ(edited(list.text, list.editor.replace_word(find(list.text, "\"y"), "w")), "D { a = x, \"w\", z }");
}

TEST(InsertDirective, TakesALineOfItsOwnLikeItsNeighbours) {
  EXPECT_EQ(One("Device {\n\tName = x\n\tMedia Type = y # z\n}\n").insert("Always Open", "no"),
            "Device {\n\tName = x\n\tMedia Type = y # z\n\tAlways Open = no\n}\n");
  EXPECT_EQ(One("Device {\n  Name=x;\n  Path=y;\n}\n").insert("Always Open", "no"),
            "Device {\n  Name=x;\n  Path=y;\n  Always Open=no;\n}\n");
  EXPECT_EQ(One("Device {\n  Name       = x\n  Media Type = y\n}\n").insert("Drive Index", "0"),
            "Device {\n  Name       = x\n  Media Type = y\n  Drive Index = 0\n}\n");
  EXPECT_EQ(One("Device {\n  Name           = x\n  Archive Device = y\n}\n").insert("Drive Index", "0", "Name"),
            "Device {\n  Name           = x\n  Drive Index    = 0\n  Archive Device = y\n}\n");
  EXPECT_EQ(One("Device {\n  Name = x\n  Media Type = y }\n").insert("Drive Index", "0"),
            "Device {\n  Name = x\n  Media Type = y\n  Drive Index = 0 }\n");
  EXPECT_EQ(One("Device {\n  Name = x}\n").insert("Drive Index", "0"), "Device {\n  Name = x\n  Drive Index = 0 }\n");
}

TEST(InsertDirective, JoinsThoseThatShareALine) {
  EXPECT_EQ(One("Device { Name = x; Path = y }\n").insert("Drive Index", "0"),
            "Device { Name = x; Path = y; Drive Index = 0 }\n");
  EXPECT_EQ(One("Device { Name = x; Path = y; }\n").insert("Drive Index", "0", "Name"),
            "Device { Name = x; Drive Index = 0; Path = y; }\n");
  EXPECT_EQ(One("Device {Name = x}\n").insert("Drive Index", "0"), "Device {Name = x; Drive Index = 0 }\n");
  EXPECT_EQ(One("Device {\n  Name = x; Path = y # z\n}\n").insert("Drive Index", "0"),
            "Device {\n  Name = x; Path = y; Drive Index = 0 # z\n}\n");
}

TEST(InsertDirective, IsTheFirstOfAnEmptyResource) {
  EXPECT_EQ(One("Device {\n}\n").insert("Drive Index", "0"), "Device {\n  Drive Index = 0\n}\n");
  EXPECT_EQ(One("Device { }\n").insert("Drive Index", "0"), "Device { Drive Index = 0 }\n");
  EXPECT_EQ(One("Device {}\n").insert("Drive Index", "0"), "Device { Drive Index = 0 }\n");
  EXPECT_EQ(One("Device { @more }\n").insert("Drive Index", "0"), "Device { Drive Index = 0; @more }\n");
}

TEST(InsertDirective, KeepsAwayFromAResourceThatEndsElsewhere) {
  EXPECT_EQ(One("Device {\n  Name = x\n@end\n").insert("Drive Index", "0"), "nothing");
}

TEST(InsertDirective, DoesNotAddASecondOneToABrokenOne) {
  EXPECT_EQ(One("Device {\n  Always Open = maybe\n}\n").insert("AlwaysOpen", "no"), "nothing");
  EXPECT_EQ(One("Device {\n  AlwaysOpen = = yes\n}\n").insert("AlwaysOpen", "no"), "nothing");
  EXPECT_EQ(One("Device {\n  Name = x\n  AlwaysOpen yes\n}\n").insert("AlwaysOpen", "no"), "nothing");
  EXPECT_EQ(One("Device {\n  Name = x\n  ???\n}\n").insert("AlwaysOpen", "no"), "nothing");
}

TEST(InsertDirective, PassesOverNestedBlocks) {
  EXPECT_EQ(One("Device {\n  Name = x\n  Inner { a = 1\n  }\n}\n").insert("b", "2"),
            "Device {\n  Name = x\n  b = 2\n  Inner { a = 1\n  }\n}\n");
}

TEST(RenameResource, ReplacesTheTypeOnly) {
  One storage("  Storage {  # x\n  Name = Storage }\n");
  EXPECT_EQ(edited(storage.text, storage.editor.rename_resource(find(storage.text, "Storage"), "Autochanger")),
            "  Autochanger {  # x\n  Name = Storage }\n");
  EXPECT_EQ(edited(storage.text, storage.editor.rename_resource(find(storage.text, "Name"), "Autochanger")), "nothing");
}

TEST(Editor, LeavesAFileAloneThatIsReadMoreThanOnce) {
  const std::string main = "Device {\n@more\n}\nDevice {\n@more\n}\n", more = "AlwaysOpen = yes\n";
  Editor editor;
  editor.add("main", main);
  editor.add("more", more);
  EXPECT_FALSE(editor.replace_value({"more", 1, 1, 0}, "no"));
  EXPECT_TRUE(editor.rename_resource({"main", 1, 1, 0}, "Autochanger"));
  editor.add("main", main);
  EXPECT_FALSE(editor.rename_resource({"main", 1, 1, 0}, "Autochanger"));
}

}  // namespace
}  // namespace shstore::config::lint
