#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "weights/tensor_source.h"

namespace kizu {

/// A file that torch.save wrote, in the zip container (torch 1.6 and later) or the one before. Its pickle is
/// parsed, never run (weights/pickle.h). The tensors are those of the entry "state_dict" where there is one;
/// else all in nested dictionaries, with names joined by dots, attributes of a ParameterDict without
/// "_parameters". Marks of a device are ignored. Each storage's checksum is verified when it is first read.
class TorchCheckpoint : public TensorSource {
 public:
  explicit TorchCheckpoint(const std::filesystem::path& file);
  /// The same from memory; `origin` names the bytes in errors.
  TorchCheckpoint(std::string_view bytes, const std::string& origin);
  ~TorchCheckpoint() override;

  RawTensor read(const std::string& name) const override;
  /// Numbers beside the tensors, such as "epoch" and "global_step".
  const std::map<std::string, double>& numbers() const;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

}  // namespace kizu
