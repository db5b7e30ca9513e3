#include "weights/torch_checkpoint.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "core/error.h"
#include "weights/legacy_container.h"
#include "weights/mapped_file.h"
#include "weights/printable.h"
#include "weights/storage.h"
#include "weights/torch_tensors.h"
#include "weights/zip_archive.h"

namespace kizu {
namespace {

constexpr std::uint64_t kPiece = 8u << 20;

bool is_contiguous(const TensorPlace& place) {
  std::uint64_t expected = 1;
  for (std::size_t i = place.strides.size(); i-- > 0;) {
    const auto size = static_cast<std::uint64_t>(place.info.shape[i]);
    if (size != 1 && place.strides[i] != expected) return false;
    expected *= size;
  }
  return true;
}

/// Copies the elements in row-major order, whatever their strides.
void gather(const TensorPlace& place, const char* storage, std::uint8_t* to, std::size_t dimension = 0) {
  const std::size_t size = size_of(place.info.dtype);
  if (dimension == place.strides.size()) {
    std::memcpy(to, storage, size);
    return;
  }
  std::size_t below = size;
  for (std::size_t i = dimension + 1; i < place.strides.size(); i++)
    below *= static_cast<std::size_t>(place.info.shape[i]);
  for (std::int64_t i = 0; i < place.info.shape[dimension]; i++)
    gather(place, storage + static_cast<std::uint64_t>(i) * place.strides[dimension] * size,
           to + static_cast<std::size_t>(i) * below, dimension + 1);
}

}  // namespace

struct TorchCheckpoint::Contents {
  std::optional<MappedFile> file;
  std::string_view bytes;
  std::string origin;
  std::map<std::string, TensorPlace> places;
  std::map<std::string, StorageSpan> storages;  // by key
  std::optional<ZipArchive> zip;
  std::string folder;  // of the zip's entries, with its slash
  std::map<std::string, double> numbers;
  mutable std::set<std::string> checked;

  void open() {
    if (bytes.substr(0, 4) == "PK\x03\x04")
      open_zip();
    else
      open_legacy();
    for (const auto& [name, place] : places) check_size(name, place);
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(origin + " is not a usable checkpoint: " + printable(what));
  }

  void take(const Pickle& pickle) {
    places = named_tensors(pickle, origin);
    numbers = top_numbers(pickle);
  }

  void open_legacy() {
    const LegacyContainer container(bytes, origin);
    storages = container.storages();
    take(container.object());
    for (const auto& [name, place] : places)
      if (storages.count(place.storage.key) == 0) refuse("the values of tensor \"" + name + "\" are missing");
  }

  void open_zip() {
    zip.emplace(bytes, origin);
    find_folder();
    const std::string name = folder + "data.pkl";
    const auto& entry = zip->entries().at(name);
    zip->check(name, entry);
    const Pickle pickle(zip->data(entry), origin);
    take(pickle);
    const TorchValues values(pickle, origin);
    for (Pickle::Id id = 0; id < pickle.count(); id++)
      if (const auto storage = values.storage(id)) find_record(*storage);
  }

  /// All entries lie in one folder, whose name is free; data.pkl is directly in it.
  void find_folder() {
    if (zip->entries().empty()) refuse("the archive is empty");
    const std::string& first = zip->entries().begin()->first;
    folder = first.substr(0, first.find('/') + 1);
    for (const auto& [name, entry] : zip->entries())
      if (folder.empty() || name.compare(0, folder.size(), folder) != 0)
        refuse("entry \"" + name + "\" is not in the folder of the others");
    if (zip->entries().count(folder + "data.pkl") == 0)
      refuse("it is an archive without data.pkl, not one of torch");
    const auto order = zip->entries().find(folder + "byteorder");
    if (order != zip->entries().end() && zip->data(order->second) != "little")
      refuse("it was written on a big-endian machine; save it again on another");
  }

  void find_record(const StorageReference& storage) {
    const auto record = zip->entries().find(folder + "data/" + storage.key);
    if (record == zip->entries().end()) refuse("storage " + storage.key + " is missing");
    const std::size_t size = size_of(storage.dtype);
    if (record->second.size % size != 0 || record->second.size / size != storage.elements)
      refuse("storage " + storage.key + " has " + std::to_string(record->second.size) + " bytes where " +
             std::to_string(storage.elements) + " elements are announced");
    storages[storage.key] = {record->second.begin, record->second.size};
  }

  /// A view may repeat elements, but not so that a small file makes a huge tensor.
  void check_size(const std::string& name, const TensorPlace& place) const {
    const auto needed = static_cast<std::uint64_t>(elements_of(place.info)) * size_of(place.info.dtype);
    if (needed > std::max<std::uint64_t>(bytes.size(), 1u << 20))
      refuse("tensor \"" + name + "\" would be larger than the whole file");
  }

  void release(std::uint64_t begin, std::uint64_t size) const {
    if (file) file->release(begin, size);
  }

  void check_storage(const std::string& key) const {
    if (!zip || checked.count(key) != 0) return;
    const std::string name = folder + "data/" + key;
    zip->check(name, zip->entries().at(name),
               [&](std::uint64_t begin, std::uint64_t size) { release(begin, size); });
    checked.insert(key);
  }
};

TorchCheckpoint::TorchCheckpoint(const std::filesystem::path& file)
    : contents_(std::make_unique<Contents>()) {
  contents_->file.emplace(file);
  contents_->bytes = contents_->file->bytes();
  contents_->origin = file.string();
  contents_->open();
  for (const auto& [name, place] : contents_->places) tensors_[name] = place.info;
}

TorchCheckpoint::TorchCheckpoint(std::string_view bytes, const std::string& origin)
    : contents_(std::make_unique<Contents>()) {
  contents_->bytes = bytes;
  contents_->origin = origin;
  contents_->open();
  for (const auto& [name, place] : contents_->places) tensors_[name] = place.info;
}

TorchCheckpoint::~TorchCheckpoint() = default;

const std::map<std::string, double>& TorchCheckpoint::numbers() const {
  return contents_->numbers;
}

RawTensor TorchCheckpoint::read(const std::string& name) const {
  const TensorPlace& place = contents_->places.at(name);
  contents_->check_storage(place.storage.key);
  const StorageSpan& storage = contents_->storages.at(place.storage.key);
  const std::size_t size = size_of(place.info.dtype);
  RawTensor tensor{place.info.dtype, place.info.shape, {}};
  tensor.bytes.resize(static_cast<std::size_t>(elements_of(place.info)) * size);
  const std::uint64_t begin = storage.begin + place.begin * size;
  if (tensor.bytes.empty()) return tensor;
  if (is_contiguous(place)) {
    for (std::uint64_t done = 0; done < tensor.bytes.size(); done += kPiece) {
      const std::uint64_t count = std::min<std::uint64_t>(kPiece, tensor.bytes.size() - done);
      std::memcpy(tensor.bytes.data() + done, contents_->bytes.data() + begin + done, count);
      contents_->release(begin + done, count);
    }
  } else {
    gather(place, contents_->bytes.data() + begin, tensor.bytes.data());
    contents_->release(storage.begin, storage.size);
  }
  return tensor;
}

}  // namespace kizu
