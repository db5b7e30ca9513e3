#include "weights/legacy_container.h"

#include <cstring>

#include "core/error.h"
#include "weights/storage.h"

namespace kizu {
namespace {

using Kind = Pickle::Kind;
// 0x1950a86a20f9469cfc6c, little-endian
constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);

[[noreturn]] void refuse(const std::string& origin, const std::string& what) {
  throw Error(origin + " is not a usable checkpoint: " + what);
}

/// The storages that the object refers to, by key.
std::map<std::string, StorageReference> references(const Pickle& object, const std::string& origin) {
  const TorchValues values(object, origin);
  std::map<std::string, StorageReference> found;
  for (Pickle::Id id = 0; id < object.count(); id++) {
    const auto reference = values.storage(id);
    if (!reference) continue;
    const auto [known, added] = found.emplace(reference->key, *reference);
    if (!added && (known->second.dtype != reference->dtype || known->second.elements != reference->elements))
      refuse(origin, "storage " + reference->key + " is described twice and differently");
  }
  return found;
}

}  // namespace

LegacyContainer::LegacyContainer(std::string_view bytes, const std::string& origin)
    : object_(header(bytes, origin)) {
  at_ += object_.size();
  find_storages(bytes, origin);
}

/// Reads what stands before the object, and then the object.
Pickle LegacyContainer::header(std::string_view bytes, const std::string& origin) {
  const auto next = [&] {
    Pickle pickle(bytes.substr(at_), origin);
    at_ += pickle.size();
    return pickle;
  };
  const Pickle magic = next();
  if (magic.at(magic.root()).kind != Kind::Long || magic.at(magic.root()).text != kMagic)
    refuse(origin, "it is a pickle, but not one of torch");
  const Pickle protocol = next();
  if (protocol.at(protocol.root()).kind != Kind::Integer || protocol.at(protocol.root()).integer != 1001)
    refuse(origin, "its container has an unknown version");
  const Pickle machine = next();
  const Pickle::Id little = machine.find(machine.root(), "little_endian");
  if (little != Pickle::kNone && machine.at(little).integer == 0)
    refuse(origin, "it was written on a big-endian machine; save it again on another");
  return Pickle(bytes.substr(at_), origin);
}

void LegacyContainer::find_storages(std::string_view bytes, const std::string& origin) {
  const auto known = references(object_, origin);
  const Pickle keys(bytes.substr(at_), origin);
  at_ += keys.size();
  if (keys.at(keys.root()).kind != Kind::List) refuse(origin, "its list of storages is missing");
  for (const Pickle::Id id : keys.at(keys.root()).items) {
    const std::string key(keys.at(id).text);
    const auto reference = known.find(key);
    if (keys.at(id).kind != Kind::Text || reference == known.end())
      refuse(origin, "its list of storages names one that no tensor uses");
    std::uint64_t elements = 0;
    if (bytes.size() - at_ < sizeof elements)
      refuse(origin, "it ends before its last tensor; copy it again from its source");
    std::memcpy(&elements, bytes.data() + at_, sizeof elements);
    at_ += sizeof elements;
    if (elements != reference->second.elements)
      refuse(origin, "storage " + key + " has " + std::to_string(elements) +
                         " elements where its tensors need " + std::to_string(reference->second.elements));
    const std::size_t size = size_of(reference->second.dtype);
    if (elements > (bytes.size() - at_) / size)
      refuse(origin, "it ends before its last tensor; copy it again from its source");
    if (!storages_.emplace(key, StorageSpan{at_, elements * size}).second)
      refuse(origin, "storage " + key + " is there twice");
    at_ += elements * size;
  }
  if (at_ != bytes.size()) refuse(origin, "bytes follow its last tensor");
}

}  // namespace kizu
