// JSON that others wrote or a person edited: a host's inventory, the description of a SAN, a library's contents. What is
// understood means the same when it is written and read again.
#include "config/inventory.h"
#include "fuzzing.h"
#include "scsi/target/library_state.h"
#include "scsi/target/target.h"

namespace {

using namespace shstore;
using fuzzing::must;

// The program prints the message's printable form; the library's own words have no place in it.
void check_message(const std::string& message) {
  must(message.starts_with("f"), "an error without its file", message);
  must(message.find("json.exception") == std::string::npos, "a library's words", message);
}

void check_inventory(std::string_view text) {
  const auto inventory = config::parse_inventory(text, "f");
  if (!inventory) return check_message(inventory.error());
  const auto once = config::print_inventory(*inventory);
  const auto again = config::parse_inventory(once, "f");
  must(again.has_value(), "what was written is not understood", once);
  must(config::print_inventory(*again) == once, "written twice, and not the same", once);
  const auto shown = base::printable_json(once);
  fuzzing::must_be_printable("an inventory", shown);
  const auto from_shown = config::parse_inventory(shown, "f");
  must(from_shown && config::print_inventory(*from_shown) == once, "an inventory reads otherwise once it may be shown",
       shown);
  static_cast<void>(inventory->device_at("/dev/nst0"));
  static_cast<void>(inventory->changer_at("/dev/sg2"));
  static_cast<void>(inventory->file_at("/etc"));
}

void check_san(std::string_view text) {
  const auto san = scsi::target::parse_san(text, "f");
  if (!san) return check_message(san.error().message);
  scsi::target::Target target(*san);
  must(target.endpoints().size() < 100000, "more endpoints than the text can name");
}

void check_library_state(std::string_view text) {
  scsi::target::Changer changer;
  changer.name = "r";
  changer.addresses = {{1, 1}, {4, 3}, {2, 1}, {3, 1}};
  changer.drives = {0};
  changer.media = {{"A", 4}, {"B", 2}};
  const auto contents = scsi::target::parse_state(text, changer, "f");
  if (!contents) return check_message(contents.error().message);
  const auto again = scsi::target::parse_state(scsi::target::state_text(*contents), changer, "f");
  must(again && *again == *contents, "a library's contents are not what was written", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  check_inventory(text);
  check_san(text);
  check_library_state(text);
  return 0;
}
