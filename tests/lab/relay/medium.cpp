#include "medium.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "answer.h"

namespace relay {
namespace {

struct Header {
  uint32_t kind;
  uint32_t length;
};
constexpr uint32_t kBlock = 0x4b4c4231, kMark = 0x4b4d4631;
// Behind the early warning there is room for what ends a volume.
constexpr uint64_t kRoomBehindWarning = 4 << 20;

// tgt's image: a block header of 48 bytes, then the cartridge's memory, whose third number of 8 bytes is the capacity.
uint64_t capacity_of(const std::string& image) {
  uint8_t raw[8];
  const int file = open(image.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_read = file >= 0 && pread(file, raw, sizeof raw, 48 + 16) == sizeof raw;
  if (file >= 0) close(file);
  if (!is_read) throw std::runtime_error("cannot read " + image);
  return number(raw, sizeof raw);
}

// The part of a buffer in pieces that begins at byte `from` and has `length` bytes.
std::vector<iovec> part(const ring_piece* piece, unsigned pieces, uint32_t from, uint32_t length) {
  std::vector<iovec> parts;
  for (unsigned i = 0; i < pieces && length; i++) {
    if (from >= piece[i].length) {
      from -= static_cast<uint32_t>(piece[i].length);
      continue;
    }
    const auto size = std::min<size_t>(piece[i].length - from, length);
    parts.push_back({static_cast<uint8_t*>(piece[i].data) + from, size});
    length -= static_cast<uint32_t>(size);
    from = 0;
  }
  return parts;
}

}  // namespace

Medium::Medium(const std::string& folder, const std::string& barcode)
    : file_(open((folder + "/" + barcode + ".data").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
      capacity_(capacity_of(folder + "/" + barcode)) {
  if (file_ < 0) throw std::runtime_error("cannot open the data of " + barcode);
  Header header;
  for (uint64_t at = 0; pread(file_, &header, sizeof header, static_cast<off_t>(at)) == sizeof header;) {
    objects_.push_back({at + sizeof header, header.length, header.kind == kMark});
    at += sizeof header + header.length;
  }
}
Medium::~Medium() { close(file_); }

uint64_t Medium::filemarks_before() const {
  return static_cast<uint64_t>(std::count_if(objects_.begin(), objects_.begin() + static_cast<long>(position_),
                                             [](const Object& object) { return object.is_filemark; }));
}
const Medium::Object* Medium::ahead() const { return position_ < objects_.size() ? &objects_[position_] : nullptr; }
const Medium::Object* Medium::behind() const { return position_ ? &objects_[position_ - 1] : nullptr; }

uint64_t Medium::end_of(uint64_t position) const {
  return position ? objects_[position - 1].offset + objects_[position - 1].length : 0;
}
bool Medium::is_past_early_warning() const { return end_of(position_) > capacity_; }

bool Medium::append(bool is_filemark, uint32_t length) {
  const uint64_t end = end_of(position_);
  if (end + length > capacity_ + kRoomBehindWarning) return false;
  erase();
  const Header header{is_filemark ? kMark : kBlock, length};
  if (pwrite(file_, &header, sizeof header, static_cast<off_t>(end)) != sizeof header) return false;
  objects_.push_back({end + sizeof header, length, is_filemark});
  return true;
}
bool Medium::write_block(const ring_piece* piece, unsigned pieces, uint32_t from, uint32_t length) {
  if (!append(false, length)) return false;
  const auto parts = part(piece, pieces, from, length);
  if (pwritev(file_, parts.data(), static_cast<int>(parts.size()), static_cast<off_t>(ahead()->offset)) != length) {
    erase();
    return false;
  }
  position_++;
  return true;
}
bool Medium::write_filemark() {
  if (!append(true, 0)) return false;
  position_++;
  return true;
}
void Medium::erase() {
  objects_.resize(position_);
  if (ftruncate(file_, static_cast<off_t>(end_of(position_)))) throw std::runtime_error("cannot cut the tape's data");
}

void Medium::read_block(const ring_piece* piece, unsigned pieces, uint32_t to, uint32_t length) const {
  const auto parts = part(piece, pieces, to, length);
  if (preadv(file_, parts.data(), static_cast<int>(parts.size()), static_cast<off_t>(ahead()->offset)) != length)
    throw std::runtime_error("cannot read the tape's data");
}

}  // namespace relay
