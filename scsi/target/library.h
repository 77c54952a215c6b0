// What a tape library holds and what its robot may do with it by SMC-3's rules. No I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scsi/medium_changer.h"

namespace shstore::scsi::target {

struct Cartridge {
  std::string barcode;
  std::optional<uint16_t> source{};  ///< the storage or import/export element that it left last
  bool imported = false;             ///< an operator put it where it is, into an import/export element
  bool loaded = false;               ///< in a drive: threaded and ready; else it waits in the drive's mouth
  friend bool operator==(const Cartridge&, const Cartridge&) = default;
};

/// By element address.
using Contents = std::map<uint16_t, Cartridge>;

/// What of a library never changes.
struct LibraryPlan {
  ElementAddresses addresses;
  std::vector<Designator> drives;  ///< which device each data transfer element is
  bool needs_unload = false;       ///< the robot takes no medium from a drive that has not unloaded it
  /// How long each drive is not ready after a medium's first load; it gives none out then. No entry: not at all.
  std::vector<std::chrono::milliseconds> calibration{};
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

enum class DriveMedium { none, waiting, loaded };

/// Drives are counted in the order of their elements. Not thread-safe.
class Library {
 public:
  /// Each address in `contents` is a storage, import/export or data transfer element of the plan.
  Library(LibraryPlan plan, Contents contents) : plan_(std::move(plan)), contents_(std::move(contents)) {}

  const ElementAddresses& addresses() const { return plan_.addresses; }
  const Contents& contents() const { return contents_; }
  void restore(Contents contents) { contents_ = std::move(contents); }
  /// Goes up with every change of the contents.
  uint64_t version() const { return version_; }

  /// The requested elements, sorted by address: the lowest `count` from `first` on.
  std::vector<Element> elements(const ElementStatusRequest& request) const;

  /// Why the robot cannot do it (ILLEGAL REQUEST with this ASC/ASCQ), or nothing.
  std::optional<uint16_t> refusal(const MoveMedium& move) const;
  /// Does it; there is no refusal(). A medium that reaches a drive is loaded at once, and one that is taken
  /// from a drive is unloaded on the way.
  void move(const MoveMedium& move);

  DriveMedium medium(size_t drive) const;
  /// The loaded medium's barcode; empty: none is loaded.
  std::string loaded_barcode(size_t drive) const;
  void load(size_t drive);    ///< what waits in the drive's mouth
  void unload(size_t drive);  ///< what is loaded; not while the drive is calibrating
  bool is_calibrating(size_t drive) const;
  /// How often a medium was loaded into the drive.
  uint64_t loads(size_t drive) const;
  /// The filemarks on the loaded medium; not kept when the process ends. The drive is loaded.
  uint64_t& filemarks(size_t drive) { return filemarks_[loaded_barcode(drive)]; }

  /// The drives that became ready since this was asked last.
  std::vector<size_t> take_newly_ready() { return std::exchange(newly_ready_, {}); }

 private:
  std::optional<size_t> drive_at(uint16_t address) const;
  uint16_t element_of(size_t drive) const;
  const Cartridge* at(uint16_t address) const;
  Element describe_element(ElementType type, uint16_t address) const;
  void loaded(size_t drive);

  LibraryPlan plan_;
  Contents contents_;
  std::vector<size_t> newly_ready_;
  struct Load {
    uint64_t count = 0;
    std::chrono::steady_clock::time_point ready{};
  };
  std::map<size_t, Load> loads_;                                             // by drive
  std::map<std::string, uint64_t> filemarks_;                                // by barcode
  std::map<std::string, std::chrono::steady_clock::time_point> calibrated_;  // by barcode: when it is or was ready
  uint64_t version_ = 0;
};

}  // namespace shstore::scsi::target
