#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weights/pickle.h"
#include "weights/tensor_source.h"

namespace kizu {

/// A storage as a pickle refers to it: what lies in the file under `key`.
struct StorageReference {
  std::string key;
  Dtype dtype = Dtype::F32;
  std::uint64_t elements = 0;    ///< of the whole storage
  std::uint64_t view_begin = 0;  ///< the part that this reference sees, in elements
  std::uint64_t view_elements = 0;
};

/// Where the elements of a tensor lie in a storage: element (i0, i1, ...) at begin + i0 stride0 + i1 stride1
/// ...
struct TensorPlace {
  TensorInfo info;
  StorageReference storage;
  std::uint64_t begin = 0;  ///< in elements, from the start of the storage
  std::vector<std::uint64_t> strides;
};

/// Reads tensors and storages out of a pickle's values. Throws Error beginning with `origin`.
class TorchValues {
 public:
  TorchValues(const Pickle& pickle, std::string origin) : pickle_(pickle), origin_(std::move(origin)) {}

  /// The place of a value that is a tensor or a parameter; nothing for any other value. Every number is
  /// checked: the tensor lies wholly within its storage.
  std::optional<TensorPlace> tensor(Pickle::Id id, const std::string& name) const;
  /// The storage behind a persistent id; nothing where it names something else.
  std::optional<StorageReference> storage(Pickle::Id persistent) const;

 private:
  const Pickle::Value& at(Pickle::Id id) const { return pickle_.at(id); }
  std::uint64_t natural(Pickle::Id id, const std::string& what) const;
  std::vector<std::uint64_t> naturals(Pickle::Id id, const std::string& what) const;
  [[noreturn]] void refuse(const std::string& what) const;

  const Pickle& pickle_;
  std::string origin_;
};

}  // namespace kizu
