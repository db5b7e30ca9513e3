#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "weights/mapped_file.h"
#include "weights/tensor_source.h"

namespace kizu {

/// A safetensors file mapped into memory: its tensors are looked at in place, or copied one at a time.
class SafetensorsFile : public TensorSource {
 public:
  /// Checks the whole header; throws Error that names the file and what is wrong with it.
  explicit SafetensorsFile(const std::filesystem::path& file);

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// The bytes of a tensor where they lie in the file; they live as long as this object. Files of ours align
  /// them to the element, others need not.
  std::string_view bytes(const std::string& name) const;
  /// The tensor's bytes are not needed for now; looked at again, they are read again.
  void release(const std::string& name) const;
  /// A copy; the mapped bytes are released piece by piece, so that one copy is all that is in memory.
  RawTensor read(const std::string& name) const override;

 private:
  struct Span {
    std::uint64_t begin = 0, size = 0;
  };
  MappedFile file_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, Span> spans_;
};

}  // namespace kizu
