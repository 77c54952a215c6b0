#include "scsi/base/anonymous.h"

#include <dlfcn.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "scsi/base/foreign_file.h"
#include "scsi/base/output_file.h"

namespace shstore::base {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSaltLength = 16, kShown = 16;
constexpr std::string_view kAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_salt(std::string_view text) {
  return text.size() == kSaltLength && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

tl::expected<std::string, std::string> new_salt() {
  std::array<unsigned char, kSaltLength> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return tl::make_unexpected("no random numbers: " + std::string(std::strerror(errno)));
  }
  std::string salt;
  for (const auto byte : random) salt += kAlphabet[byte % kAlphabet.size()];
  return salt;
}

// libxcrypt's crypt_rn. Its library has another name from one distribution to the next, so it is looked for when it is needed:
// Debian's is libcrypt.so.1, Fedora's libcrypt.so.2.
using CryptRn = char* (*)(const char* phrase, const char* setting, void* data, int size);

CryptRn find_crypt() {
  for (const char* name : {"libcrypt.so.1", "libcrypt.so.2"}) {
    void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);  // never closed
    void* function = library == nullptr ? nullptr : ::dlsym(library, "crypt_rn");
    if (function != nullptr) return reinterpret_cast<CryptRn>(function);
  }
  return nullptr;
}

tl::expected<std::string, std::string> read_salt(const std::string& file, bool& missing) {
  const auto read = read_foreign_file(file, {.largest = 4096});
  if (!read) {
    missing = read.error().missing();
    return tl::make_unexpected(read.error().message);
  }
  auto text = read->text;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if ((read->mode & 077) != 0)
    return tl::make_unexpected("others than its owner may read " + file + ": \"chmod 600\" it, or remove it");
  if (!is_salt(text))
    return tl::make_unexpected(file + " does not hold 16 characters of a salt: remove it, and another one is made");
  return text;
}

tl::expected<std::string, std::string> salt_in(const std::string& file) {
  bool missing = false;
  auto known = read_salt(file, missing);
  if (known || !missing) return known;
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  auto salt = new_salt();
  if (!salt) return salt;
  if (const auto written = replace_file(file, *salt + '\n', 0600); !written)
    return tl::make_unexpected(written.error());
  return salt;
}

}  // namespace

std::string Anonymizer::hide(std::string_view text) const {
  if (text.empty()) return {};
  constexpr size_t kRoom = 32768;  // struct crypt_data has that size, whatever is in it (crypt(3))
  static const CryptRn crypt = find_crypt();
  const auto setting = "$5$" + salt_.substr(0, kSaltLength) + '$';
  const std::string whole(text);
  std::vector<char> work(kRoom);
  const char* hash =
      crypt == nullptr ? nullptr : crypt(whole.c_str(), setting.c_str(), work.data(), static_cast<int>(work.size()));
  const char* tail = hash == nullptr ? nullptr : std::strrchr(hash, '$');
  return tail == nullptr ? "#?" : '#' + std::string(tail + 1).substr(0, kShown);
}

tl::expected<Anonymizer, std::string> host_anonymizer(const std::string& file) {
  if (find_crypt() == nullptr)
    return tl::make_unexpected("names cannot be hidden: libcrypt (libxcrypt) is not installed");
  std::vector<std::string> files = {file};
  if (file.empty()) {
    files = {"/var/lib/shstore/card-salt"};
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
      files.push_back(std::string(home) + "/.config/shstore/card-salt");
  }
  std::string why;
  for (const auto& one : files) {
    if (auto salt = salt_in(one))
      return Anonymizer(*salt);
    else
      why += (why.empty() ? "" : "; ") + salt.error();
  }
  return tl::make_unexpected("the salt with which names are hidden cannot be kept: " + why);
}

}  // namespace shstore::base
