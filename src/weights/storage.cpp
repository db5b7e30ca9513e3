#include "weights/storage.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "weights/printable.h"

namespace kizu {
namespace {

using Id = Pickle::Id;
using Kind = Pickle::Kind;

constexpr std::size_t kMaxRank = 16;
constexpr std::uint64_t kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::optional<Dtype> dtype_of(std::string_view storage_class) {
  struct Known {
    std::string_view name;
    Dtype dtype;
  };
  static constexpr Known kKnown[] = {
      {"DoubleStorage", Dtype::F64},    {"FloatStorage", Dtype::F32}, {"HalfStorage", Dtype::F16},
      {"BFloat16Storage", Dtype::BF16}, {"LongStorage", Dtype::I64},  {"IntStorage", Dtype::I32},
      {"ShortStorage", Dtype::I16},     {"CharStorage", Dtype::I8},   {"ByteStorage", Dtype::U8},
      {"BoolStorage", Dtype::Bool},     {"UntypedStorage", Dtype::U8}};
  for (const std::string_view module : {"torch.cuda.", "torch.storage.", "torch."}) {
    if (storage_class.substr(0, module.size()) != module) continue;
    for (const Known& known : kKnown)
      if (storage_class.substr(module.size()) == known.name) return known.dtype;
  }
  return {};
}

/// a * b + c, or nothing beyond 63 bits.
std::optional<std::uint64_t> product_sum(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result) || __builtin_add_overflow(result, c, &result) ||
      result > kLargest)
    return {};
  return result;
}

}  // namespace

void TorchValues::refuse(const std::string& what) const {
  throw Error(origin_ + " is not a usable checkpoint: " + printable(what));
}

std::uint64_t TorchValues::natural(Id id, const std::string& what) const {
  if (at(id).kind != Kind::Integer || at(id).integer < 0) refuse(what + " is not a whole number from 0");
  return static_cast<std::uint64_t>(at(id).integer);
}

std::vector<std::uint64_t> TorchValues::naturals(Id id, const std::string& what) const {
  if (at(id).kind != Kind::Tuple) refuse(what + " is not a list of numbers");
  if (at(id).items.size() > kMaxRank)
    refuse(what + " has more than " + std::to_string(kMaxRank) + " entries");
  std::vector<std::uint64_t> numbers;
  for (const Id item : at(id).items) numbers.push_back(natural(item, what));
  return numbers;
}

std::optional<StorageReference> TorchValues::storage(Id persistent) const {
  if (at(persistent).kind != Kind::Persistent) return {};
  const auto& name = at(at(persistent).items[0]);
  if (name.kind != Kind::Tuple || name.items.size() < 5 || at(name.items[0]).text != "storage") return {};
  const auto& type = at(name.items[1]);
  const auto& key = at(name.items[2]);
  if (type.kind != Kind::Class || key.kind != Kind::Text) refuse("a storage is described wrongly");
  const auto dtype = dtype_of(type.text);
  if (!dtype) refuse("a storage has the unknown type " + std::string(type.text));
  StorageReference found;
  found.key = std::string(key.text);
  found.dtype = *dtype;
  found.elements = found.view_elements = natural(name.items[4], "the size of storage " + found.key);
  if (name.items.size() > 5 && at(name.items[5]).kind != Kind::None) {  // older container: part of another
    const auto& view = at(name.items[5]);
    if (view.kind != Kind::Tuple || view.items.size() != 3) refuse("a storage is described wrongly");
    found.view_begin = natural(view.items[1], "the view of storage " + found.key);
    found.view_elements = natural(view.items[2], "the view of storage " + found.key);
    if (found.view_begin > found.elements || found.view_elements > found.elements - found.view_begin)
      refuse("the view of storage " + found.key + " reaches beyond it");
  }
  return found;
}

std::optional<TensorPlace> TorchValues::tensor(Id id, const std::string& name) const {
  if (at(id).kind != Kind::Object) return {};
  const auto& arguments = at(id).items;
  if (at(id).text == "torch._utils._rebuild_parameter") {
    if (arguments.empty()) refuse("parameter \"" + name + "\" is described wrongly");
    return tensor(arguments[0], name);
  }
  if (at(id).text != "torch._utils._rebuild_tensor_v2") return {};
  const std::string who = "tensor \"" + name + "\": ";
  if (arguments.size() < 4) refuse(who + "it is described wrongly");
  const auto storage_found = storage(arguments[0]);
  if (!storage_found) refuse(who + "its values are not in a storage");
  TensorPlace place;
  place.storage = *storage_found;
  place.info.dtype = place.storage.dtype;
  const std::uint64_t offset = natural(arguments[1], who + "its offset");
  const auto sizes = naturals(arguments[2], who + "its size");
  place.strides = naturals(arguments[3], who + "its strides");
  if (sizes.size() != place.strides.size()) refuse(who + "its sizes and strides differ in number");
  std::optional<std::uint64_t> bytes = size_of(place.info.dtype), last = offset;
  bool none = false;
  for (std::size_t i = 0; i < sizes.size(); i++) {
    none = none || sizes[i] == 0;
    bytes = bytes ? product_sum(*bytes, std::max<std::uint64_t>(sizes[i], 1), 0) : bytes;
    if (last && sizes[i] > 0) last = product_sum(sizes[i] - 1, place.strides[i], *last);
    place.info.shape.push_back(static_cast<std::int64_t>(sizes[i]));
  }
  if (!bytes || !last) refuse(who + "its size is too large for any machine");
  if (none ? offset > place.storage.view_elements : *last >= place.storage.view_elements)
    refuse(who + "it reaches beyond its storage of " + std::to_string(place.storage.view_elements) +
           " elements");
  place.begin = place.storage.view_begin + offset;
  return place;
}

}  // namespace kizu
