#include "weights/pickle_writer.h"

#include <cstring>
#include <stdexcept>

namespace kizu {
namespace {

const char* storage_class(Dtype dtype) {
  switch (dtype) {
    case Dtype::F32:
      return "FloatStorage";
    case Dtype::F16:
      return "HalfStorage";
    case Dtype::BF16:
      return "BFloat16Storage";
    case Dtype::I64:
      return "LongStorage";
    default:
      throw std::logic_error("PickleWriter: a tensor of this type is never written");
  }
}

}  // namespace

PickleWriter& PickleWriter::raw(std::string_view instructions) {
  bytes_ += instructions;
  return *this;
}

PickleWriter& PickleWriter::integer(std::int32_t value) {
  char digits[sizeof value];
  std::memcpy(digits, &value, sizeof value);
  return raw("J").raw({digits, sizeof digits});
}

PickleWriter& PickleWriter::text(std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  char digits[sizeof size];
  std::memcpy(digits, &size, sizeof size);
  return raw("X").raw({digits, sizeof digits}).raw(value);
}

PickleWriter& PickleWriter::tensor(const TensorInfo& info, std::string_view key) {
  raw("ctorch._utils\n_rebuild_tensor_v2\n((");
  text("storage").raw("ctorch\n").raw(storage_class(info.dtype)).raw("\n");
  const std::int64_t elements = elements_of(info);
  text(key).text("cpu").integer(static_cast<std::int32_t>(elements)).raw("tQ").integer(0).raw("(");
  for (const std::int64_t size : info.shape) integer(static_cast<std::int32_t>(size));
  raw("t(");
  std::int64_t stride = elements;
  for (const std::int64_t size : info.shape) {
    stride = size > 0 ? stride / size : 0;
    integer(static_cast<std::int32_t>(stride));
  }
  return raw(
      "t\x89"
      "ccollections\nOrderedDict\n)RtR");
}

}  // namespace kizu
