#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "weights/pickle.h"

namespace kizu {

/// The stack on which a pickle's instructions work, its marks and its memory. Every step is checked: nothing
/// is taken that is not there, and no count passes its limit.
class PickleStack {
 public:
  using Id = Pickle::Id;
  using Kind = Pickle::Kind;
  using Value = Pickle::Value;

  PickleStack(std::vector<Value>& values, const std::string& origin) : values_(values), origin_(origin) {}

  [[noreturn]] void refuse(const std::string& what) const;
  Value& value(Id id) { return values_[id]; }

  void push(Id id);
  Id push(Value value);
  Id push(Kind kind, std::string_view text = {});
  Id push_integer(Kind kind, std::int64_t integer);
  Id push_with(Kind kind, const std::vector<Id>& items);

  /// Only what lies above the last mark may be taken.
  Id pop();
  Id top();
  std::vector<Id> pop_items(std::size_t count);
  void mark();
  std::vector<Id> pop_to_mark();

  /// Adds to the container on top, which must be of this kind.
  void add(Kind kind, const std::vector<Id>& items);
  void append(Id to, const std::vector<Id>& items);

  void remember(std::size_t slot);
  Id recall(std::size_t slot) const;
  std::size_t remembered() const { return memo_.size(); }

  /// The value that is left, nothing of which contains itself or is nested too deeply.
  Id finish();

 private:
  void check_depth(Id root);

  std::vector<Value>& values_;
  const std::string& origin_;
  std::size_t items_ = 0;
  std::vector<Id> stack_, memo_;
  std::vector<std::size_t> marks_;
};

}  // namespace kizu
