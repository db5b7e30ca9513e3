#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "weights/tensor_source.h"

namespace kizu {

/// Writes a safetensors file tensor by tensor: only one needs to be in memory. Nothing is there under the
/// file's name before commit(). Same content, same bytes.
class SafetensorsWriter {
 public:
  SafetensorsWriter(const std::filesystem::path& file, const TensorInfos& tensors,
                    const std::map<std::string, std::string>& metadata);

  /// The names in the order in which the tensors must come.
  const std::vector<std::string>& order() const { return order_; }
  /// The bytes of the next tensor; as many as its type and shape need.
  void append(const std::vector<std::uint8_t>& bytes);
  void commit();

 private:
  std::vector<std::string> order_;
  std::vector<std::uint64_t> sizes_;
  std::size_t next_ = 0;
  AtomicFile output_;
};

}  // namespace kizu
