// Every directive of a configuration file, from Bacula 9.6 to 15: the tables that loading, "did you mean" and
// the documentation use. Source: stored/stored_conf.c, dird/dird_conf.c and lib/parse_conf.c of 9.6.7, 11.0.6, 13.0.3
// and 15.0.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config {

/// The daemon whose configuration it is.
enum class Program : uint8_t { sd, dir };

enum class ValueType : uint8_t {
  name,            ///< a resource's name: legal characters only (store_name)
  string,          ///< store_str
  strname,         ///< a string of at most 127 bytes (store_strname)
  directory,       ///< a string that Bacula passes through a shell (store_dir)
  password,        ///< a string that no diagnostic repeats (store_password)
  boolean,         ///< store_bool, store_bit
  integer,         ///< store_int32
  pint32,          ///< store_pint32
  time,            ///< seconds (store_time)
  size32,          ///< bytes (store_size32)
  size64,          ///< bytes (store_size64)
  block_size,      ///< bytes, at most 20,000,000 (store_maxblocksize)
  speed,           ///< bytes per second (store_speed)
  keyword,         ///< one of DirectiveInfo::keywords
  reference,       ///< the name of another resource (store_res)
  reference_list,  ///< names of other resources (store_alist_res)
  string_list,     ///< store_alist_str
  address,         ///< SDAddress (store_addresses_address)
  addresses,       ///< the SDAddresses block (store_addresses)
  port,            ///< SDPort (store_addresses_port)
  messages,        ///< a destination of Messages (store_msgs)
  // Only in bacula-dir.conf:
  acl,               ///< a list of strings that may go on behind a blank (store_acl)
  devices,           ///< names of Devices, which are the SD's (store_device)
  autochanger,       ///< yes, no, or the name of a Storage (store_ac_res)
  run,               ///< a line of a Schedule (dird/run_conf.c, store_run)
  run_script,        ///< a block (store_runscript)
  short_run_script,  ///< a command (store_short_runscript)
  file_set,          ///< a block (dird/inc_conf.c, store_inc)
};

struct DirectiveInfo {
  std::string_view resource;  ///< "Device"
  std::string_view name;      ///< "Media Type"; compare with same_name()
  ValueType type = ValueType::string;
  std::string_view default_value;  ///< as one would write it; empty if there is none
  bool required = false;           ///< in every version that knows it
  int since = 9;                   ///< the first of 9 (9.6), 11, 13, 15 that knows it, or enterprise_only
  std::string_view meaning;        ///< one line
  /// What a keyword may be, separated by blanks; `Amazon:13` is new in 13, see keyword_since().
  std::string_view keywords;
  std::string_view target{};   ///< the resource type a reference means; empty: it is called like the directive
  std::string_view same_as{};  ///< the directive whose value this one sets; Bacula keeps both in one place
  std::string_view shown{};    ///< see shown_name(); "-": the JSON tools do not show it
  int required_before = 0;     ///< versions before this one refuse a resource without it, newer ones do not
  int gone = 0;                ///< the first version that no longer knows it; 0: all do
  Program program = Program::sd;
};

/// DirectiveInfo::since of what only Bacula Enterprise knew: the community's Bacula refuses it in every version.
constexpr int kEnterpriseOnly = 0;

/// Of what no Bacula knows as Debian builds it, although it is in the public source: it needs another build, or is in
/// Bacula Enterprise only.
constexpr int kOtherBuilds = 100;

/// The first version that knows one of DirectiveInfo::keywords, compared without case; 0 if it is none of them.
int keyword_since(std::string_view keywords, std::string_view word);
/// The keywords without their versions.
std::vector<std::string_view> keywords_of(std::string_view keywords);

/// The name as Bacula's JSON tools write it ("TlsAllowedCn"); empty if they do not show the directive.
std::string shown_name(const DirectiveInfo& row);

/// A resource type of one of Bacula's programs.
struct ResourceType {
  std::string_view name;                       ///< in its canonical spelling, "Autochanger"
  std::span<const DirectiveInfo> directives;   ///< in Bacula's order
  std::vector<const DirectiveInfo*> required;  ///< those among them that must be given, in some version at least
  bool has_one_word_values = false;            ///< is_one_word() for some of them
  uint32_t hash = 0;                           ///< of its name; see DirectiveTable
};

/// The directives that one of Bacula's programs knows, found by any spelling in constant time. Bacula compares names of
/// resource types as it does names of directives: see same_name(). Immutable.
class DirectiveTable {
 public:
  /// `rows` stand resource by resource, in Bacula's order; `types` are all resource types. Both must outlive this.
  DirectiveTable(std::span<const DirectiveInfo> rows, std::span<const std::string_view> types);

  std::span<const DirectiveInfo> rows() const { return rows_; }
  std::span<const std::string_view> types() const { return types_; }

  /// nullptr if the program has no such type.
  const ResourceType* type(std::string_view written) const;

  /// nullptr if this resource type, which must be one of this table, has no such directive.
  const DirectiveInfo* find(const ResourceType& type, std::string_view name) const;

  /// The same for a type in any spelling; nullptr or empty for a type that the program does not have.
  const DirectiveInfo* find(std::string_view type, std::string_view name) const;
  std::span<const DirectiveInfo> of(std::string_view type) const;

  /// The canonical spelling of a resource type ("Autochanger" for "auto changer"), or empty.
  std::string_view find_type(std::string_view written) const;

 private:
  std::span<const DirectiveInfo> rows_;
  std::span<const std::string_view> types_;
  std::vector<ResourceType> by_type_;
  std::vector<uint16_t> row_slots_, type_slots_;  ///< open addressing; 0 is free, i + 1 stands for entry i
};

/// What bacula-sd knows.
const DirectiveTable& sd_directives();

/// What bacula-dir knows.
const DirectiveTable& dir_directives();

/// May the value stand on the line below the `=`? True for times, sizes and addresses (T_SKIP_EOL in Bacula).
bool may_wrap(ValueType type);

/// Is the value a single word, behind which the next directive may begin on the same line? (SDAddress, SDPort)
bool is_one_word(ValueType type);

// The same of bacula-sd's table.
std::span<const DirectiveInfo> all_directives();
std::span<const DirectiveInfo> directives_of(std::string_view resource);
const DirectiveInfo* find_directive(std::string_view resource, std::string_view name);
std::span<const std::string_view> resource_types();
std::string_view find_resource_type(std::string_view written);

}  // namespace shstore::config
