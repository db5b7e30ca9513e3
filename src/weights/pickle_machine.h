#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "weights/pickle_stack.h"

namespace kizu {

/// Carries out a pickle's instructions, one after another, on a stack of values.
class PickleMachine : PickleStack {
 public:
  PickleMachine(Pickle& into, std::string_view bytes, const std::string& origin)
      : PickleStack(into.values_, origin), pickle_(into), bytes_(bytes) {}

  void run();

 private:
  // Reading; nothing is taken beyond the end.
  std::string_view take(std::uint64_t count);
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::string_view line();

  // Instructions in groups; each returns false for one that is not its own.
  bool simple(std::uint8_t instruction);
  bool text(std::uint8_t instruction);
  bool container(std::uint8_t instruction);
  bool memo(std::uint8_t instruction);
  bool object(std::uint8_t instruction);

  void push_long(std::string_view digits);
  void push_float();
  Id push_class(std::string_view module, std::string_view name);

  // What a file may ask to be made (pickle_calls.cpp).
  std::string_view callee(Id id);
  void call(bool anew);
  bool makes_parameters(std::string_view name, const std::vector<Id>& arguments, bool anew);
  bool is_reconstruction(std::string_view name, const std::vector<Pickle::Id>& arguments);
  void make_dict(const std::vector<Id>& arguments);
  void make_set(const std::vector<Id>& arguments);
  void build();

  Pickle& pickle_;
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace kizu
