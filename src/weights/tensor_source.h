#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "weights/safetensors.h"

namespace kizu {

/// "F32", "BF16" ..., as safetensors files have it.
const char* name_of(Dtype dtype);

/// What a file says about a tensor before its values are read.
struct TensorInfo {
  Dtype dtype = Dtype::F32;
  std::vector<std::int64_t> shape;
};
using TensorInfos = std::map<std::string, TensorInfo>;

/// Product of the shape.
std::int64_t elements_of(const TensorInfo& tensor);

/// Named tensors whose values are read one at a time.
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  const TensorInfos& tensors() const { return tensors_; }
  /// Row-major, little-endian. Throws Error for damaged data, out_of_range for an unknown name.
  virtual RawTensor read(const std::string& name) const = 0;

 protected:
  TensorInfos tensors_;
};

/// Opens a file by what is in it, whatever it is called: safetensors, or torch's containers (zip and the
/// older one). Throws Error, saying what the file is instead where that is known.
std::unique_ptr<TensorSource> open_tensors(const std::filesystem::path& file);

}  // namespace kizu
