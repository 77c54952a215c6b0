// The lock of one drive: a persistent reservation of type Exclusive Access, held under this host's key.
//
// Every step is proven by reading back, because SCSI says GOOD to several things that were not done: RELEASE by a
// nexus that holds nothing, REGISTER of key 0 by an unregistered nexus (SPC-4 5.13).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scsi/local_ports.h"
#include "scsi/logical_unit.h"
#include "scsi/reservation_key.h"

namespace shstore::scsi {

/// Who has what on a drive, as READ KEYS and READ RESERVATION show it.
struct LockState {
  uint32_t generation = 0;  ///< PRGENERATION
  std::vector<ReservationKey> keys;
  std::optional<Reservation> reservation;

  size_t registrations_of(ReservationKey key) const;
  bool held_by(ReservationKey key) const { return reservation && reservation->key == key; }
  /// Under the types "all registrants" every registered key, each once: READ RESERVATION shows 0 there (SPC-4 5.13.10). Otherwise
  /// the reservation's key; nobody without a reservation.
  std::vector<ReservationKey> holders() const;
};

/// "0xbac999", or "all registered keys: 0x1111, 0xbac001"; "nobody" without a reservation.
std::string holders_text(const LockState& state);
/// The same where only the reservation is known: "0xbac999", or "all registered keys".
std::string holder_text(const Reservation& reservation);
/// As a Storage Daemon reserves a drive: under a key of at most six digits, of type Exclusive Access.
bool is_of_a_daemon(const Reservation& reservation);

/// What a lock that this host has already is to try_lock(): a reservation is the whole host's, so another program of it may
/// have taken it, and may give it back at any moment. only_prove: nothing is taken where it is there no more, which is an error then.
enum class OwnLock { join, in_the_way, only_prove };

/// What try_lock() found.
struct LockAttempt {
  bool held = false;
  Reservation holder;          ///< if not held: whose reservation is in the way
  std::string own_other_port;  ///< not empty: it is this host's own lock, taken through this other port of it
};

/// What take_free() has proven: who is registered, and that the reservation is ours.
struct FreeDriveTaken {
  LockState state;
  std::optional<FullStatus> status;  ///< nothing: the drive has no READ FULL STATUS, or not now
};

class DriveLock {
 public:
  /// `unit` must outlive this. `ports`: this host's initiator ports, which may all use our key. `type`: another one than
  /// Exclusive Access for what is no drive (changer/robot_lock.h). Not thread-safe.
  DriveLock(LogicalUnit& unit, ReservationKey own, LocalPorts ports = {}, PrType type = PrType::exclusive_access)
      : unit_(unit), own_(own), ports_(std::move(ports)), type_(type) {}

  ReservationKey own_key() const { return own_; }
  /// The ports are asked for when our key is found on more than one nexus, and not before.
  void ask_for_ports(std::function<LocalPorts()> ports) { ask_ports_ = std::move(ports); }

  /// Changes nothing on the drive.
  Result<LockState> read();

  /// Registers our key for this I_T nexus; done already is fine. Refused, leaving the drive as it was: another
  /// initiator uses our key, or this one is registered with a key that is not ours.
  Result<void> register_key();

  /// Takes the lock, registering first where needed. Held already by us is fine. If another host holds it, our key
  /// stays registered (that is the waiting list) and the holder is returned. An error leaves neither a lock nor a
  /// registration behind that was not there before; if the drive does not even take them back, the message says so.
  Result<LockAttempt> try_lock(OwnLock own = OwnLock::join);

  /// The same for a drive that was free when it was looked at just now, in as few commands as prove it: REGISTER unless `registered`
  /// (our key was seen on it), RESERVE, READ FULL STATUS. Nothing: it is not so simple, and try_lock() finds out; no more than our
  /// registration is left by then. An error leaves nothing behind, as there.
  Result<std::optional<FreeDriveTaken>> take_free(bool registered);

  /// Gives the lock back and proves it; true if it was ours. If it was not, nothing is sent to the drive. Done to the end
  /// also when we were asked to stop. `before`: what the drive showed before that, even if then there was an error.
  Result<bool> unlock(LockState* before = nullptr);

  /// Removes our registration, and with it our lock if we hold it; not registered is fine. Done to the end, too.
  Result<void> unregister();

  /// Wipes every registration and every lock of every host (CLEAR). For the administrator only.
  Result<void> clear();

 private:
  Error undo(Error error, const LockState& before, bool reserved);
  Result<LockAttempt> reserve(int attempts);
  Result<LockAttempt> conflict_on_reserve(int attempts);
  Result<void> check_registered(bool fresh);
  Result<void> check_duplicates();
  std::optional<ReservationKey> only_registration(const LockState& state);
  bool only_elsewhere();
  std::optional<Reservation> held_elsewhere_under_our_key();
  Result<LockAttempt> held_under_our_key(const Reservation& reservation);
  Result<PrOutcome> register_command(ReservationKey from, ReservationKey to);
  tl::unexpected<Error> duplicate_key(const std::string& initiator) const;
  tl::unexpected<Error> duplicate_key_of_somebody() const;
  Result<FreeDriveTaken> prove_taken(bool fresh);
  Result<FreeDriveTaken> prove_by_key(bool fresh);
  tl::unexpected<Error> not_relied_on(const std::optional<Reservation>& found) const;
  bool is_port_of_ours(const TransportId& initiator);

  LogicalUnit& unit_;
  ReservationKey own_;
  LocalPorts ports_;
  PrType type_;
  std::function<LocalPorts()> ask_ports_{};  ///< not yet asked
};

}  // namespace shstore::scsi
