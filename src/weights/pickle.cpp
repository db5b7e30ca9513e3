#include "weights/pickle.h"

#include <algorithm>
#include <cstring>

#include "weights/pickle_stack.h"

namespace kizu {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::string_view kParameterDict = "torch.nn.modules.container.ParameterDict";

/// Functions whose call is kept as data (an Object with its arguments).
bool is_known_call(std::string_view name) {
  static constexpr std::string_view kKnown[] = {"torch._utils._rebuild_tensor_v2",
                                                "torch._utils._rebuild_parameter",
                                                "numpy.core.multiarray.scalar",
                                                "numpy._core.multiarray.scalar",
                                                "numpy.dtype",
                                                "_codecs.encode"};
  return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
}

}  // namespace

using Id = Pickle::Id;
using Kind = Pickle::Kind;
using Value = Pickle::Value;

/// Carries out the instructions, one after another, on a stack of values.
class PickleMachine : PickleStack {
 public:
  PickleMachine(Pickle& into, std::string_view bytes, const std::string& origin)
      : PickleStack(into.values_, origin), p_(into), bytes_(bytes) {}

  void run() {
    if (u8() != 0x80) refuse("it does not begin as one");
    const unsigned protocol = u8();
    if (protocol < 2 || protocol > 4) refuse("its protocol is " + std::to_string(protocol) + ", not 2 to 4");
    while (true) {
      const std::uint8_t instruction = u8();
      if (instruction == '.') break;
      if (!simple(instruction) && !text(instruction) && !container(instruction) && !memo(instruction) &&
          !object(instruction))
        refuse("instruction " + std::to_string(instruction) + " at byte " + std::to_string(at_ - 1) +
               " is none that torch writes");
    }
    p_.root_ = finish();
    p_.size_ = at_;
  }

 private:
  // ---- reading

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_)
      refuse("it ends within an instruction; if the file is cut short, copy it again from its source");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::string_view line() {
    const std::size_t end = bytes_.substr(at_, kMaxName + 1).find('\n');
    if (end == std::string_view::npos) refuse("the name of a class has no end, or the file is cut short");
    const std::string_view found = take(end);
    at_++;
    return found;
  }

  Id push_class(std::string_view module, std::string_view name) {
    if (module.size() + name.size() > kMaxName) refuse("the name of a class is too long");
    std::string full(module);
    full.append(".").append(name);
    return push(Kind::Class, *p_.names_.insert(std::move(full)).first);
  }

  // ---- instructions; each group returns false for one that is not its own

  bool simple(std::uint8_t instruction) {
    switch (instruction) {
      case 0x95:
        number<std::uint64_t>();
        return true;  // FRAME: a hint for readers of streams
      case '(':
        mark();
        return true;
      case '0':
        pop();
        return true;
      case '1':
        pop_to_mark();
        return true;
      case '2':
        push(top());
        return true;
      case 'N':
        push(Kind::None);
        return true;
      case 0x88:
        push_integer(Kind::Bool, 1);
        return true;
      case 0x89:
        push_integer(Kind::Bool, 0);
        return true;
      case 'J':
        push_integer(Kind::Integer, number<std::int32_t>());
        return true;
      case 'K':
        push_integer(Kind::Integer, u8());
        return true;
      case 'M':
        push_integer(Kind::Integer, number<std::uint16_t>());
        return true;
      case 0x8a:
        push_long(take(u8()));
        return true;
      case 0x8b:
        push_long(take(number<std::uint32_t>()));
        return true;
      case 'G':
        push_float();
        return true;
      default:
        return false;
    }
  }

  void push_long(std::string_view digits) {
    if (digits.size() > 8) {
      push(Kind::Long, digits);
      return;
    }
    const bool negative = !digits.empty() && (digits.back() & 0x80) != 0;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    if (!digits.empty()) std::memcpy(&value, digits.data(), digits.size());
    push_integer(Kind::Integer, static_cast<std::int64_t>(value));
  }

  void push_float() {
    std::uint64_t bits = 0;
    for (const char byte : take(8)) bits = bits << 8 | static_cast<std::uint8_t>(byte);
    Value value;
    value.kind = Kind::Float;
    std::memcpy(&value.number, &bits, sizeof bits);
    push(std::move(value));
  }

  bool text(std::uint8_t instruction) {
    switch (instruction) {
      case 'X':
      case 'T':
        push(Kind::Text, take(number<std::uint32_t>()));
        return true;
      case 0x8c:
      case 'U':
        push(Kind::Text, take(u8()));
        return true;
      case 0x8d:
        push(Kind::Text, take(number<std::uint64_t>()));
        return true;
      case 'B':
        push(Kind::Bytes, take(number<std::uint32_t>()));
        return true;
      case 'C':
        push(Kind::Bytes, take(u8()));
        return true;
      case 0x8e:
        push(Kind::Bytes, take(number<std::uint64_t>()));
        return true;
      default:
        return false;
    }
  }

  bool container(std::uint8_t instruction) {
    switch (instruction) {
      case ']':
        push(Kind::List);
        return true;
      case '}':
        push(Kind::Dict);
        return true;
      case 0x8f:
        push(Kind::Set);
        return true;
      case ')':
        push(Kind::Tuple);
        return true;
      case 't':
        push_with(Kind::Tuple, pop_to_mark());
        return true;
      case 0x91:
        push_with(Kind::Set, pop_to_mark());
        return true;  // FROZENSET
      case 0x85:
        push_with(Kind::Tuple, pop_items(1));
        return true;
      case 0x86:
        push_with(Kind::Tuple, pop_items(2));
        return true;
      case 0x87:
        push_with(Kind::Tuple, pop_items(3));
        return true;
      case 'a':
        add(Kind::List, pop_items(1));
        return true;
      case 'e':
        add(Kind::List, pop_to_mark());
        return true;
      case 0x90:
        add(Kind::Set, pop_to_mark());
        return true;
      case 's':
        add(Kind::Dict, pop_items(2));
        return true;
      case 'u':
        add(Kind::Dict, pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  bool memo(std::uint8_t instruction) {
    switch (instruction) {
      case 'q':
        remember(u8());
        return true;
      case 'r':
        remember(number<std::uint32_t>());
        return true;
      case 0x94:
        remember(remembered());
        return true;
      case 'h':
        push(recall(u8()));
        return true;
      case 'j':
        push(recall(number<std::uint32_t>()));
        return true;
      default:
        return false;
    }
  }

  bool object(std::uint8_t instruction) {
    switch (instruction) {
      case 'c': {
        const std::string_view module = line();
        push_class(module, line());
        return true;
      }
      case 0x93: {
        const std::vector<Id> names = pop_items(2);
        if (value(names[0]).kind != Kind::Text || value(names[1]).kind != Kind::Text)
          refuse("the name of a class is not text");
        push_class(value(names[0]).text, value(names[1]).text);
        return true;
      }
      case 'R':
        call(false);
        return true;
      case 0x81:
        call(true);
        return true;
      case 'b':
        build();
        return true;
      case 'Q':
        push_with(Kind::Persistent, pop_items(1));
        return true;
      default:
        return false;
    }
  }

  /// The class that is called: named directly or, in the old container, together with its source text.
  std::string_view callee(Id id) {
    if (value(id).kind == Kind::Persistent) {
      const Value& name = value(value(id).items[0]);
      if (name.kind == Kind::Tuple && name.items.size() >= 2 && value(name.items[0]).text == "module")
        id = name.items[1];
    }
    if (value(id).kind != Kind::Class) refuse("it calls something that is no class");
    return value(id).text;
  }

  /// `anew` is NEWOBJ, which makes an object without its constructor; else it is a call.
  void call(bool anew) {
    const std::vector<Id> both = pop_items(2);
    const std::string_view name = callee(both[0]);
    if (value(both[1]).kind != Kind::Tuple) refuse("it calls something without a list of arguments");
    const std::vector<Id> arguments = value(both[1]).items;
    if (name == "collections.OrderedDict" && arguments.empty()) {
      push(Kind::Dict);
    } else if ((name == "__builtin__.set" || name == "builtins.set") && !anew) {
      if (arguments.size() > 1 || (arguments.size() == 1 && value(arguments[0]).kind != Kind::List))
        refuse("a set is not made from a list");
      push_with(Kind::Set,
                arguments.empty() ? std::vector<Id>{} : std::vector<Id>(value(arguments[0]).items));
    } else if (makes_parameters(name, arguments, anew)) {
      push(Kind::Object, kParameterDict);
    } else if (!anew && is_known_call(name)) {
      append(push(Kind::Object, name), arguments);
    } else {
      refuse("it calls " + printable(name) +
             ", which tensors do not need and which may run a program; kizu runs nothing from a file and "
             "refuses this one. Get the weights from a source you trust, or as .safetensors");
    }
  }

  bool makes_parameters(std::string_view name, const std::vector<Id>& arguments, bool anew) {
    if (anew) return name == kParameterDict && arguments.empty();
    if (name != "copy_reg._reconstructor" && name != "copyreg._reconstructor") return false;
    return arguments.size() == 3 && callee(arguments[0]) == kParameterDict;
  }

  void build() {
    const std::vector<Id> both = pop_items(2);
    if (value(both[0]).kind != Kind::Object && value(both[0]).kind != Kind::Dict)
      refuse("it sets attributes of a value that has none");
    value(both[0]).state = both[1];
    push(both[0]);
  }

  static std::string printable(std::string_view name) {
    std::string shown;
    for (const char c : name) shown += c >= ' ' && c <= '~' ? c : '?';
    return shown;
  }

  Pickle& p_;
  std::string_view bytes_;
  std::size_t at_ = 0;
};

Pickle::Pickle(std::string_view bytes, std::string origin) {
  PickleMachine(*this, bytes, origin).run();
}

Id Pickle::find(Id dict, std::string_view key) const {
  if (dict == kNone || values_[dict].kind != Kind::Dict) return kNone;
  const auto& items = values_[dict].items;
  for (std::size_t i = items.size(); i >= 2; i -= 2) {
    const Value& name = values_[items[i - 2]];
    if (name.kind == Kind::Text && name.text == key) return items[i - 1];
  }
  return kNone;
}

}  // namespace kizu
