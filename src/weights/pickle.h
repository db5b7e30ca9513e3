#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kizu {

/// What a pickle describes, as plain data: nothing is looked up, built or run. Values refer to each other by
/// number, so a value that stands in a thousand places exists once.
class Pickle {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0xFFFFFFFFu;

  enum class Kind : std::uint8_t {
    None,
    Bool,
    Integer,  ///< `integer`
    Long,     ///< an integer beyond 64 bits: its little-endian two's complement in `text`
    Float,    ///< `number`
    Text,     ///< UTF-8 in `text`, as the file has it
    Bytes,    ///< `text`
    List,     ///< `items`
    Tuple,    ///< `items`
    Set,      ///< `items`
    Dict,     ///< `items`: key, value, key, value ...
    Class,    ///< a name only: `text` is "module.name"
    Object,   ///< a known constructor (`text`) called with `items`; attributes in `state`
    Opaque,   ///< what only the training program knows (`text`): whatever it holds is kept and not looked at
    Persistent,  ///< items[0] names something outside the pickle: a storage, or a module's source
  };

  struct Value {
    Kind kind = Kind::None;
    union {
      std::int64_t integer = 0;
      double number;
    };
    std::string_view text;
    std::vector<Id> items;
    Id state = kNone;  ///< what a BUILD instruction gave it
  };

  /// Reads one pickle of protocol 2 to 4 from the start of `bytes`, which must outlive it. Throws Error,
  /// beginning with `origin`, for instructions that are damaged, unknown or beyond the limits, and for the
  /// call of anything but what tensors and their containers need: collections.OrderedDict,
  /// torch._utils._rebuild_tensor_v2 and _rebuild_parameter, numpy scalars, _codecs.encode, sets and
  /// torch.nn ParameterDict objects. Objects made without their constructor are opaque whatever their class;
  /// of those made by a call, only what Lightning, OmegaConf and argparse leave, and paths.
  Pickle(std::string_view bytes, const std::string& origin);

  /// Bytes of the pickle itself; others may follow.
  std::size_t size() const { return size_; }
  Id root() const { return root_; }
  const Value& at(Id id) const { return values_[id]; }
  std::size_t count() const { return values_.size(); }
  /// The value of a text key of a Dict; kNone where there is none, or `dict` is none. The last one counts.
  Id find(Id dict, std::string_view key) const;

 private:
  friend class PickleMachine;
  std::vector<Value> values_;
  std::set<std::string> names_;  // of classes; their texts stay where they are
  std::size_t size_ = 0;
  Id root_ = kNone;
};

}  // namespace kizu
