// The tape in a drive: blocks and filemarks, one after the other, in a file beside the cartridge's own in tgt's folder. The
// position is that of SSC-4: the number of objects (blocks and filemarks) before it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ring.h"

namespace relay {

class Medium {
 public:
  // folder/barcode is tgt's image of the cartridge, which knows its capacity; the data is in folder/barcode.data. Throws
  // std::runtime_error.
  Medium(const std::string& folder, const std::string& barcode);
  ~Medium();
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;

  struct Object {
    uint64_t offset;  // of the data in the file
    uint32_t length;
    bool is_filemark;
  };
  uint64_t position() const { return position_; }
  uint64_t end_of_data() const { return objects_.size(); }
  uint64_t filemarks_before() const;  // the position's file number
  const Object* ahead() const;        // nullptr at the end of data
  const Object* behind() const;       // nullptr at the beginning of the tape
  void step(int objects) {
    position_ += static_cast<uint64_t>(static_cast<int64_t>(objects));
  }                                                         // +1 or -1, if there is one
  void locate(uint64_t position) { position_ = position; }  // at most end_of_data()

  // What is written ends the tape there: all that was behind is gone. False if the tape is full; nothing has changed then.
  bool write_block(const ring_piece* piece, unsigned pieces, uint32_t from, uint32_t length);
  bool write_filemark();
  void erase();
  // The first bytes of the block ahead, into the buffer from that byte on; does not move.
  void read_block(const ring_piece* piece, unsigned pieces, uint32_t to, uint32_t length) const;

  bool is_past_early_warning() const;

 private:
  bool append(bool is_filemark, uint32_t length);
  uint64_t end_of(uint64_t position) const;  // where in the file the objects before it end

  int file_;
  uint64_t capacity_;
  std::vector<Object> objects_;
  uint64_t position_ = 0;
};

}  // namespace relay
