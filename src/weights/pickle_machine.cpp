#include "weights/pickle_machine.h"

namespace kizu {
namespace {

constexpr std::size_t kMaxName = 256;

}  // namespace

using Id = Pickle::Id;

void PickleMachine::run() {
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
  pickle_.root_ = finish();
  pickle_.size_ = at_;
}

std::string_view PickleMachine::take(std::uint64_t count) {
  if (count > bytes_.size() - at_)
    refuse("it ends within an instruction; if the file is cut short, copy it again from its source");
  at_ += count;
  return bytes_.substr(at_ - count, count);
}

std::string_view PickleMachine::line() {
  const std::size_t end = bytes_.substr(at_, kMaxName + 1).find('\n');
  if (end == std::string_view::npos) refuse("the name of a class has no end, or the file is cut short");
  const std::string_view found = take(end);
  at_++;
  return found;
}

bool PickleMachine::simple(std::uint8_t instruction) {
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

void PickleMachine::push_long(std::string_view digits) {
  if (digits.size() > 8) {
    push(Kind::Long, digits);
    return;
  }
  const bool negative = !digits.empty() && (digits.back() & 0x80) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  if (!digits.empty()) std::memcpy(&value, digits.data(), digits.size());
  push_integer(Kind::Integer, static_cast<std::int64_t>(value));
}

void PickleMachine::push_float() {
  std::uint64_t bits = 0;
  for (const char byte : take(8)) bits = bits << 8 | static_cast<std::uint8_t>(byte);
  Value value;
  value.kind = Kind::Float;
  std::memcpy(&value.number, &bits, sizeof bits);
  push(std::move(value));
}

bool PickleMachine::text(std::uint8_t instruction) {
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

bool PickleMachine::container(std::uint8_t instruction) {
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

bool PickleMachine::memo(std::uint8_t instruction) {
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

bool PickleMachine::object(std::uint8_t instruction) {
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

Id PickleMachine::push_class(std::string_view module, std::string_view name) {
  if (module.size() + name.size() > kMaxName) refuse("the name of a class is too long");
  std::string full(module);
  full.append(".").append(name);
  return push(Kind::Class, *pickle_.names_.insert(std::move(full)).first);
}

}  // namespace kizu
