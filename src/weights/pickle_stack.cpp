#include "weights/pickle_stack.h"

#include <algorithm>

#include "core/error.h"

namespace kizu {
namespace {

// Far above what any checkpoint needs: the largest published ones have some 100,000 values, 6 deep.
constexpr std::size_t kMaxValues = 1u << 20;
constexpr std::size_t kMaxItems = 1u << 22;
constexpr std::size_t kMaxStack = 1u << 20;
constexpr std::size_t kMaxMarks = 1000;
constexpr unsigned kMaxDepth = 100;

}  // namespace

using Id = Pickle::Id;

void PickleStack::refuse(const std::string& what) const {
  throw Error(origin_ + " holds a pickle that is not usable: " + what);
}

void PickleStack::push(Id id) {
  if (stack_.size() >= kMaxStack) refuse("its stack grows beyond the limit");
  stack_.push_back(id);
}

Id PickleStack::push(Value value) {
  if (values_.size() >= kMaxValues) refuse("it has more values than any checkpoint needs");
  values_.push_back(std::move(value));
  push(static_cast<Id>(values_.size() - 1));
  return stack_.back();
}

Id PickleStack::push(Kind kind, std::string_view text) {
  Value value;
  value.kind = kind;
  value.text = text;
  return push(std::move(value));
}

Id PickleStack::push_integer(Kind kind, std::int64_t integer) {
  Value value;
  value.kind = kind;
  value.integer = integer;
  return push(std::move(value));
}

Id PickleStack::push_with(Kind kind, const std::vector<Id>& items) {
  const Id id = push(kind);
  append(id, items);
  return id;
}

Id PickleStack::pop() {
  const Id id = top();
  stack_.pop_back();
  return id;
}

Id PickleStack::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
    refuse("its stack is empty where it takes from it");
  return stack_.back();
}

std::vector<Id> PickleStack::pop_items(std::size_t count) {
  std::vector<Id> items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

void PickleStack::mark() {
  if (marks_.size() >= kMaxMarks) refuse("it is nested too deeply");
  marks_.push_back(stack_.size());
}

std::vector<Id> PickleStack::pop_to_mark() {
  if (marks_.empty()) refuse("a mark is missing");
  std::vector<Id> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return items;
}

void PickleStack::add(Kind kind, const std::vector<Id>& items) {
  const Id to = top();
  const Kind of = value(to).kind;
  if ((of != kind && of != Kind::Opaque) || (kind == Kind::Dict && items.size() % 2 != 0))
    refuse("something is added to a value that cannot hold it");
  append(to, items);
}

void PickleStack::append(Id to, const std::vector<Id>& items) {
  items_ += items.size();
  if (items_ > kMaxItems) refuse("it has more values than any checkpoint needs");
  auto& into = value(to).items;
  into.insert(into.end(), items.begin(), items.end());
}

void PickleStack::remember(std::size_t slot) {
  if (slot >= kMaxValues) refuse("it remembers more values than any checkpoint needs");
  if (slot >= memo_.size()) memo_.resize(slot + 1, Pickle::kNone);
  memo_[slot] = top();
}

Id PickleStack::recall(std::size_t slot) const {
  if (slot >= memo_.size() || memo_[slot] == Pickle::kNone)
    refuse("it recalls value " + std::to_string(slot) + ", which was never remembered");
  return memo_[slot];
}

Id PickleStack::finish() {
  if (!marks_.empty()) refuse("a mark is left over");
  const Id root = pop();
  check_depth(root);
  return root;
}

/// Walks over everything that hangs together once, without recursion: nothing may contain itself or be
/// nested so deeply that a reader overflows its stack.
void PickleStack::check_depth(Id root) {
  struct Visit {
    Id id;
    std::size_t next;
  };
  enum : std::uint8_t { kNew = 0xFF, kOpen = 0xFE };
  std::vector<std::uint8_t> height(values_.size(), kNew);
  std::vector<Visit> open{{root, 0}};
  height[root] = kOpen;
  while (!open.empty()) {
    Visit& visit = open.back();
    const Value& v = value(visit.id);
    const std::size_t children = v.items.size() + (v.state != Pickle::kNone);
    if (visit.next < children) {
      const Id child = visit.next < v.items.size() ? v.items[visit.next] : v.state;
      visit.next++;
      if (height[child] == kOpen) refuse("a value contains itself");
      if (height[child] != kNew) continue;
      if (open.size() > kMaxDepth) refuse("it is nested too deeply");
      height[child] = kOpen;
      open.push_back({child, 0});
      continue;
    }
    unsigned tallest = 0;
    for (const Id child : v.items) tallest = std::max<unsigned>(tallest, height[child] + 1u);
    if (v.state != Pickle::kNone) tallest = std::max<unsigned>(tallest, height[v.state] + 1u);
    if (tallest > kMaxDepth) refuse("it is nested too deeply");
    height[visit.id] = static_cast<std::uint8_t>(tallest);
    open.pop_back();
  }
}

}  // namespace kizu
