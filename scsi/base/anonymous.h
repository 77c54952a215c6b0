// Names that must not leave a site, in what administrators give to others: the same name gets the same replacement on this host,
// and nobody else can tell which name it was.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace shstore::base {

class Anonymizer {
 public:
  /// `salt`: at least 16 characters of crypt(5)'s alphabet.
  explicit Anonymizer(std::string salt) : salt_(std::move(salt)) {}

  /// "#" and 16 characters, by SHA-256-crypt, which is slow on purpose: serial numbers are short, and could be guessed one by
  /// one. Empty for an empty text.
  std::string hide(std::string_view text) const;

 private:
  std::string salt_;
};

/// With the salt of this host, which is made where there is none and never printed: in `file`, which nobody but its owner may
/// read, or if that is empty in /var/lib/shstore/card-salt, and for a user who may not write there in ~/.config/shstore/card-salt.
/// The error says what to do.
tl::expected<Anonymizer, std::string> host_anonymizer(const std::string& file = {});

}  // namespace shstore::base
