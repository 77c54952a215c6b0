#include "config/directives.h"

#include <algorithm>
#include <array>

#include "config/document.h"

namespace shstore::config {
namespace {

using T = ValueType;
constexpr bool yes = true, no = false;

// clang-format off
constexpr DirectiveInfo table[] = {
    // resource, name, type, default, required, since, meaning, keywords
    {"Director", "Name", T::name, "", yes, 9, "the Director that may connect", ""},
    {"Director", "Description", T::string, "", no, 9, "free text", ""},
    {"Director", "Password", T::password, "", yes, 9, "the password that this Director must know", ""},
    {"Director", "Monitor", T::boolean, "no", no, 9, "this Director may only ask for the status", ""},
    {"Director", "TLS Authenticate", T::boolean, "no", no, 9, "use TLS only to authenticate, then go on without encryption", ""},
    {"Director", "TLS Enable", T::boolean, "no", no, 9, "offer TLS", ""},
    {"Director", "TLS Psk Enable", T::boolean, "yes", no, 11, "use TLS with a pre-shared key made of the password", ""},
    {"Director", "TLS Require", T::boolean, "no", no, 9, "refuse connections without TLS", ""},
    {"Director", "TLS Verify Peer", T::boolean, "yes", no, 9, "check the peer's certificate", ""},
    {"Director", "TLS CA Certificate File", T::directory, "", no, 9, "file of trusted certificates", ""},
    {"Director", "TLS CA Certificate Dir", T::directory, "", no, 9, "directory of trusted certificates", ""},
    {"Director", "TLS Certificate", T::directory, "", no, 9, "this daemon's certificate", ""},
    {"Director", "TLS Key", T::directory, "", no, 9, "the key of this daemon's certificate", ""},
    {"Director", "TLS DH File", T::directory, "", no, 9, "Diffie-Hellman parameters", ""},
    {"Director", "TLS Allowed CN", T::string_list, "", no, 9, "common names that a peer's certificate may have", ""},
    {"Storage", "Name", T::name, "", yes, 9, "the name of this Storage Daemon", ""},
    {"Storage", "Description", T::string, "", no, 9, "free text", ""},
    {"Storage", "SD Address", T::address, "0.0.0.0", no, 9, "the address to listen on", ""},
    {"Storage", "SD Addresses", T::addresses, "", no, 9, "several addresses and ports to listen on", ""},
    {"Storage", "Messages", T::reference, "", no, 9, "the Messages resource to use", ""},
    {"Storage", "SD Port", T::port, "9103", no, 9, "the port to listen on", ""},
    {"Storage", "Working Directory", T::directory, "", yes, 9, "where the daemon keeps its state", ""},
    {"Storage", "Pid Directory", T::directory, "", yes, 9, "where the daemon writes its process id", ""},
    {"Storage", "Subsys Directory", T::directory, "", no, 9, "not used", ""},
    {"Storage", "Plugin Directory", T::directory, "", no, 9, "where plugins are loaded from; none are loaded without it", ""},
    {"Storage", "Scripts Directory", T::directory, "", no, 9, "where the daemon's scripts are", ""},
    {"Storage", "Ssd Directory", T::directory, "", no, 11, "a directory on a fast disk", ""},
    {"Storage", "Maximum Concurrent Jobs", T::pint32, "20", no, 9, "jobs that may run at the same time", ""},
    {"Storage", "Client Connect Timeout", T::time, "30 min", no, 9, "how long to wait for the File Daemon to connect", ""},
    {"Storage", "Heartbeat Interval", T::time, "5 min", no, 9, "how often to send a heartbeat to the File Daemon", ""},
    {"Storage", "FIPS Require", T::boolean, "no", no, 11, "run only with FIPS cryptography", ""},
    {"Storage", "TLS Authenticate", T::boolean, "no", no, 9, "use TLS only to authenticate, then go on without encryption", ""},
    {"Storage", "TLS Enable", T::boolean, "no", no, 9, "offer TLS", ""},
    {"Storage", "TLS Psk Enable", T::boolean, "yes", no, 11, "use TLS with a pre-shared key made of the password", ""},
    {"Storage", "TLS Require", T::boolean, "no", no, 9, "refuse connections without TLS", ""},
    {"Storage", "TLS Verify Peer", T::boolean, "yes", no, 9, "check the peer's certificate", ""},
    {"Storage", "TLS CA Certificate File", T::directory, "", no, 9, "file of trusted certificates", ""},
    {"Storage", "TLS CA Certificate Dir", T::directory, "", no, 9, "directory of trusted certificates", ""},
    {"Storage", "TLS Certificate", T::directory, "", no, 9, "this daemon's certificate", ""},
    {"Storage", "TLS Key", T::directory, "", no, 9, "the key of this daemon's certificate", ""},
    {"Storage", "TLS DH File", T::directory, "", no, 9, "Diffie-Hellman parameters", ""},
    {"Storage", "TLS Allowed CN", T::string_list, "", no, 9, "common names that a peer's certificate may have", ""},
    {"Storage", "Client Connect Wait", T::time, "30 min", no, 9, "how long a job waits for its client", ""},
    {"Storage", "Ver Id", T::string, "", no, 9, "a text that the version command shows", ""},
    {"Storage", "Comm Compression", T::boolean, "yes", no, 9, "compress what is sent between daemons", ""},
    {"Storage", "Dedup Directory", T::directory, "", no, 11, "where deduplication containers are", ""},
    {"Storage", "Dedup Index Directory", T::directory, "", no, 11, "where the deduplication index is", ""},
    {"Storage", "Dedup Check Hash", T::boolean, "no", no, 11, "compute the hash of each block again when storing it", ""},
    {"Storage", "Dedup Scrub Maximum Bandwidth", T::speed, "15 MB/s", no, 11, "how fast the scrubber may read", ""},
    {"Storage", "Maximum Container Size", T::size64, "", no, 11, "the largest deduplication container", ""},
    {"Storage", "Encryption Command", T::strname, "", no, 15, "the command that delivers volume encryption keys", ""},
    {"Device", "Name", T::name, "", yes, 9, "the name of the drive", ""},
    {"Device", "Description", T::string, "", no, 9, "free text", ""},
    {"Device", "Media Type", T::strname, "", yes, 9, "the kind of volume this drive reads; volumes move only between drives of one kind", ""},
    {"Device", "Device Type", T::keyword, "", no, 9, "the kind of drive; guessed from the Archive Device if not given", "File Tape Fifo VTape Vtl Aligned Dedup Null Cloud"},
    {"Device", "Archive Device", T::strname, "", yes, 9, "the device or directory that data is written to, such as /dev/nst0", ""},
    {"Device", "Aligned Device", T::strname, "", no, 9, "where aligned volumes keep their data", ""},
    {"Device", "Hardware End of File", T::boolean, "yes", no, 9, "the drive recognizes the end of a file", ""},
    {"Device", "Hardware End of Medium", T::boolean, "yes", no, 9, "the drive recognizes the end of the recorded medium", ""},
    {"Device", "Backward Space Record", T::boolean, "yes", no, 9, "the drive can go back a record", ""},
    {"Device", "Backward Space File", T::boolean, "yes", no, 9, "the drive can go back a file", ""},
    {"Device", "BSF at EOM", T::boolean, "no", no, 9, "go back a file at the end of the medium", ""},
    {"Device", "Two EOF", T::boolean, "no", no, 9, "write two end-of-file marks at the end of the tape", ""},
    {"Device", "Forward Space Record", T::boolean, "yes", no, 9, "the drive can go forward a record", ""},
    {"Device", "Forward Space File", T::boolean, "yes", no, 9, "the drive can go forward a file", ""},
    {"Device", "Fast Forward Space File", T::boolean, "yes", no, 9, "the drive can go forward several files at once", ""},
    {"Device", "Removable Media", T::boolean, "yes", no, 9, "volumes can be taken out of the drive", ""},
    {"Device", "Random Access", T::boolean, "no", no, 9, "the medium is a disk, not a tape", ""},
    {"Device", "Automatic Mount", T::boolean, "no", no, 9, "look at the volume in the drive when the device is opened", ""},
    {"Device", "Label Media", T::boolean, "no", no, 9, "label blank volumes without being asked", ""},
    {"Device", "Always Open", T::boolean, "yes", no, 9, "keep the device open between jobs; a shared drive needs no", ""},
    {"Device", "Autochanger", T::boolean, "no", no, 9, "the drive belongs to an Autochanger", ""},
    {"Device", "Close on Poll", T::boolean, "no", no, 9, "close the device while polling for a volume", ""},
    {"Device", "Block Positioning", T::boolean, "yes", no, 9, "the drive can go to a block", ""},
    {"Device", "Use MTIOCGET", T::boolean, "yes", no, 9, "the driver answers the MTIOCGET request", ""},
    {"Device", "Check Labels", T::boolean, "no", no, 9, "read ANSI and IBM labels, too", ""},
    {"Device", "Requires Mount", T::boolean, "no", no, 9, "the device must be mounted as a file system", ""},
    {"Device", "Offline on Unmount", T::boolean, "no", no, 9, "eject the tape when it is unmounted", ""},
    {"Device", "Block Checksum", T::boolean, "yes", no, 9, "store a checksum with each block", ""},
    {"Device", "Use Lintape", T::boolean, "no", no, 13, "the drive is driven by IBM's lin_tape", ""},
    {"Device", "Enabled", T::boolean, "yes", no, 9, "the drive may be used", ""},
    {"Device", "Auto Select", T::boolean, "yes", no, 9, "the drive may be chosen for any job of its Autochanger", ""},
    {"Device", "Read Only", T::boolean, "no", no, 9, "the drive is for restores only", ""},
    {"Device", "Set Volume Append Only", T::boolean, "no", no, 15, "protect disk volumes with the append-only attribute", ""},
    {"Device", "Set Volume Immutable", T::boolean, "no", no, 15, "protect full disk volumes with the immutable attribute", ""},
    {"Device", "Set Volume Read Only", T::boolean, "no", no, 15, "make full disk volumes read-only", ""},
    {"Device", "Minimum Volume Protection Time", T::time, "30 days", no, 15, "how long a protected volume stays protected", ""},
    {"Device", "Changer Device", T::strname, "", no, 9, "the SCSI device of the robot, such as /dev/sg2", ""},
    {"Device", "Control Device", T::strname, "", no, 9, "the SCSI device of the drive, such as /dev/sg0", ""},
    {"Device", "Changer Command", T::strname, "", no, 9, "the command that moves volumes", ""},
    {"Device", "Alert Command", T::strname, "", no, 9, "the command that reads TapeAlert", ""},
    {"Device", "Lock Command", T::strname, "", no, 9, "the command that locks the drive against other Storage Daemons", ""},
    {"Device", "Worm Command", T::strname, "", no, 9, "the command that tells whether a volume is write-once", ""},
    {"Device", "Maximum Changer Wait", T::time, "5 min", no, 9, "how long the changer may take", ""},
    {"Device", "Maximum Open Wait", T::time, "5 min", no, 9, "how long to try to open the device", ""},
    {"Device", "Maximum Network Buffer Size", T::pint32, "", no, 9, "the network buffer for this device, in bytes", ""},
    {"Device", "Volume Poll Interval", T::time, "5 min", no, 9, "how often to look for a volume that an operator must mount", ""},
    {"Device", "Maximum Rewind Wait", T::time, "5 min", no, 9, "how long rewinding may take", ""},
    {"Device", "Minimum Block Size", T::size32, "", no, 9, "the smallest block to write", ""},
    {"Device", "Maximum Block Size", T::block_size, "", no, 9, "the largest block to write", ""},
    {"Device", "Padding Size", T::size32, "4096", no, 9, "aligned volumes pad to this size", ""},
    {"Device", "File Alignment", T::size32, "4096", no, 9, "aligned volumes begin files at multiples of this", ""},
    {"Device", "Minimum Aligned Size", T::size32, "4096", no, 9, "the smallest piece of data that is aligned", ""},
    {"Device", "Maximum File Index", T::size64, "100000000", no, 11, "how much data between two entries of the file index", ""},
    {"Device", "Maximum Volume Size", T::size64, "", no, 9, "the most to write on a volume", ""},
    {"Device", "Maximum File Size", T::size64, "1000000000", no, 9, "write an end-of-file mark after this much data", ""},
    {"Device", "Volume Capacity", T::size64, "", no, 9, "how much a volume holds", ""},
    {"Device", "Minimum Fee Space", T::size64, "5000000", no, 9, "the least free space to leave; Bacula spells it without the r", ""},
    {"Device", "Maximum Concurrent Jobs", T::pint32, "0", no, 9, "jobs that may use the drive at the same time; 0: no limit", ""},
    {"Device", "Spool Directory", T::directory, "", no, 9, "where data is spooled", ""},
    {"Device", "Maximum Spool Size", T::size64, "", no, 9, "the most to spool for this drive", ""},
    {"Device", "Maximum Job Spool Size", T::size64, "", no, 9, "the most to spool for one job", ""},
    {"Device", "Drive Index", T::pint32, "0", no, 9, "the number of the drive in its changer, from 0", ""},
    {"Device", "Maximum Part Size", T::size64, "0", no, 9, "the largest part of a cloud volume", ""},
    {"Device", "Maximum Volume Parts", T::pint32, "0", no, 15, "the most parts of a cloud volume", ""},
    {"Device", "Mount Point", T::strname, "", no, 9, "where the device is mounted", ""},
    {"Device", "Mount Command", T::strname, "", no, 9, "the command that mounts it", ""},
    {"Device", "Unmount Command", T::strname, "", no, 9, "the command that unmounts it", ""},
    {"Device", "Write Part Command", T::strname, "", no, 9, "the command that writes a part", ""},
    {"Device", "Free Space Command", T::strname, "", no, 9, "the command that tells the free space", ""},
    {"Device", "Label Type", T::keyword, "Bacula", no, 9, "the kind of tape label", "Bacula ANSI IBM"},
    {"Device", "Cloud", T::reference, "", no, 9, "the Cloud resource to use", ""},
    {"Device", "Dedupengine", T::reference, "", no, 11, "the Dedupengine resource to use", ""},
    {"Device", "Sync on Close", T::boolean, "no", no, 9, "write everything to disk when the device is closed", ""},
    {"Device", "Volume Encryption", T::keyword, "no", no, 15, "encrypt volumes", "No Yes Strong"},
    {"Messages", "Name", T::name, "", yes, 9, "the name that others refer to", ""},
    {"Messages", "Description", T::string, "", no, 9, "free text", ""},
    {"Messages", "Mail Command", T::string, "", no, 9, "the command that sends mail", ""},
    {"Messages", "Operator Command", T::string, "", no, 9, "the command that sends mail to the operator", ""},
    {"Messages", "Syslog", T::messages, "", no, 9, "message types for the system log", ""},
    {"Messages", "Mail", T::messages, "", no, 9, "addresses = message types", ""},
    {"Messages", "Mail on Error", T::messages, "", no, 9, "addresses = message types, if the job failed", ""},
    {"Messages", "Mail on Success", T::messages, "", no, 9, "addresses = message types, if the job succeeded", ""},
    {"Messages", "File", T::messages, "", no, 9, "file = message types; the file is overwritten", ""},
    {"Messages", "Append", T::messages, "", no, 9, "file = message types; the file is appended to", ""},
    {"Messages", "Stdout", T::messages, "", no, 9, "message types for the standard output", ""},
    {"Messages", "Stderr", T::messages, "", no, 9, "message types for the standard error output", ""},
    {"Messages", "Director", T::messages, "", no, 9, "Director = message types", ""},
    {"Messages", "Console", T::messages, "", no, 9, "message types for the console", ""},
    {"Messages", "Operator", T::messages, "", no, 9, "addresses = message types", ""},
    {"Messages", "Catalog", T::messages, "", no, 9, "message types for the catalog", ""},
    {"Autochanger", "Name", T::name, "", yes, 9, "the name of the library", ""},
    {"Autochanger", "Description", T::string, "", no, 9, "free text", ""},
    {"Autochanger", "Device", T::reference_list, "", yes, 9, "the Device resources of its drives", ""},
    {"Autochanger", "Changer Device", T::strname, "", yes, 9, "the SCSI device of the robot, such as /dev/sg2", ""},
    {"Autochanger", "Changer Command", T::strname, "", yes, 9, "the command that moves volumes", ""},
    {"Autochanger", "Lock Command", T::strname, "", no, 9, "the Lock Command of its drives that have none of their own", ""},
    {"Cloud", "Name", T::name, "", yes, 9, "the name that Devices refer to", ""},
    {"Cloud", "Description", T::string, "", no, 9, "free text", ""},
    {"Cloud", "Driver", T::keyword, "", yes, 9, "the kind of cloud", "S3 File Azure Google Oracle Generic Swift Amazon"},
    {"Cloud", "Host Name", T::strname, "", no, 9, "the server; 9.6 requires it", ""},
    {"Cloud", "Bucket Name", T::strname, "", yes, 9, "the bucket", ""},
    {"Cloud", "Region", T::strname, "", no, 9, "the region", ""},
    {"Cloud", "Access Key", T::strname, "", no, 9, "the account; 9.6 requires it", ""},
    {"Cloud", "Secret Key", T::strname, "", no, 9, "the account's secret; 9.6 requires it", ""},
    {"Cloud", "Protocol", T::keyword, "HTTPS", no, 9, "HTTPS or HTTP", "HTTPS HTTP"},
    {"Cloud", "Blob Endpoint", T::strname, "", no, 11, "Azure's blob endpoint", ""},
    {"Cloud", "File Endpoint", T::strname, "", no, 11, "Azure's file endpoint", ""},
    {"Cloud", "Queue Endpoint", T::strname, "", no, 11, "Azure's queue endpoint", ""},
    {"Cloud", "Table Endpoint", T::strname, "", no, 11, "Azure's table endpoint", ""},
    {"Cloud", "Endpoint Suffix", T::strname, "", no, 11, "Azure's endpoint suffix", ""},
    {"Cloud", "Uri Style", T::keyword, "VirtualHost", no, 9, "how the bucket is named in a URI", "VirtualHost Path"},
    {"Cloud", "Truncate Cache", T::keyword, "No", no, 9, "when the local cache is emptied", "No AfterUpload AtEndOfJob ConfDefault"},
    {"Cloud", "Upload", T::keyword, "No", no, 9, "when parts are uploaded", "No Manual EachPart AtEndOfJob"},
    {"Cloud", "Maximum Concurrent Uploads", T::pint32, "0", no, 9, "uploads at the same time; 3 since Bacula 11", ""},
    {"Cloud", "Maximum Concurrent Downloads", T::pint32, "0", no, 9, "downloads at the same time; 3 since Bacula 11", ""},
    {"Cloud", "Maximum Upload Bandwidth", T::speed, "", no, 9, "how fast uploads may be", ""},
    {"Cloud", "Maximum Download Bandwidth", T::speed, "", no, 9, "how fast downloads may be", ""},
    {"Cloud", "Driver Command", T::strname, "", no, 11, "the program of the Generic driver", ""},
    {"Cloud", "Transfer Priority", T::keyword, "High", no, 11, "the priority of restores from an archive", "High Medium Low"},
    {"Cloud", "Transfer Retention", T::time, "5 days", no, 11, "how long restored objects stay available", ""},
    {"Cloud", "Storage Class", T::keyword, "S3Standard", no, 15, "the class of new objects", "S3Standard S3StandardIA S3IntelligentTiering S3OneZoneIA S3GlacierInstantRetrieval S3GlacierFlexibleRetrieval S3GlacierDeepArchive S3Rrs"},
    {"Statistics", "Name", T::name, "", yes, 9, "the name of the collector", ""},
    {"Statistics", "Description", T::string, "", no, 9, "free text", ""},
    {"Statistics", "Prefix", T::string, "", no, 9, "put in front of each metric's name", ""},
    {"Statistics", "Metrics", T::string_list, "", no, 9, "which metrics to collect; all if not given", ""},
    {"Statistics", "Interval", T::time, "5 min", no, 9, "how often to collect", ""},
    {"Statistics", "Port", T::pint32, "", no, 9, "Graphite's port", ""},
    {"Statistics", "Host", T::string, "", no, 9, "Graphite's host", ""},
    {"Statistics", "Type", T::keyword, "", yes, 9, "where metrics go", "CSV Graphite"},
    {"Statistics", "File", T::string, "", no, 9, "the CSV file", ""},
    {"Statistics", "Mangle Metric", T::boolean, "no", no, 9, "replace special characters in the names of metrics", ""},
    {"Dedupengine", "Name", T::name, "", yes, 11, "the name that Devices refer to", ""},
};
// clang-format on

constexpr std::string_view types[] = {"Director",    "Storage", "Device",     "Messages",
                                      "Autochanger", "Cloud",   "Statistics", "Dedupengine"};

}  // namespace

std::span<const DirectiveInfo> all_directives() {
  return table;
}

std::span<const std::string_view> resource_types() {
  return types;
}

std::string_view find_resource_type(std::string_view written) {
  const auto found = std::find_if(std::begin(types), std::end(types),
                                  [&](std::string_view type) { return same_name(written, type); });
  return found == std::end(types) ? std::string_view() : *found;
}

std::span<const DirectiveInfo> directives_of(std::string_view resource) {
  const auto is_here = [&](const DirectiveInfo& row) { return same_name(resource, row.resource); };
  const auto first = std::find_if(std::begin(table), std::end(table), is_here);
  const auto last = std::find_if_not(first, std::end(table), is_here);
  return {first, last};
}

const DirectiveInfo* find_directive(std::string_view resource, std::string_view name) {
  for (const DirectiveInfo& row : directives_of(resource)) {
    if (same_name(name, row.name)) return &row;
  }
  return nullptr;
}

}  // namespace shstore::config
