#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "weights/tensor_source.h"

namespace kizu {

/// Writes a pickle of protocol 2 as torch.save does, value by value. A dictionary: begin_dict(), then key and
/// value in turn, end_dict().
class PickleWriter {
 public:
  PickleWriter& none() { return raw("N"); }
  PickleWriter& integer(std::int32_t value);
  PickleWriter& text(std::string_view value);
  PickleWriter& begin_dict() { return raw("}("); }
  PickleWriter& end_dict() { return raw("u"); }
  /// A contiguous tensor that fills the storage `key`.
  PickleWriter& tensor(const TensorInfo& info, std::string_view key);
  /// Instructions as they are.
  PickleWriter& raw(std::string_view instructions);
  /// The whole pickle.
  std::string bytes() const { return bytes_ + "."; }

 private:
  std::string bytes_{"\x80\x02"};
};

}  // namespace kizu
