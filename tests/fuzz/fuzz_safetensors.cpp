// Any bytes either are a safetensors file whose tensors fit their shapes, or are refused with an Error.
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "weights/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const auto file = kizu::Safetensors::parse({reinterpret_cast<const char*>(bytes), size}, "fuzz");
    std::size_t total = 8;
    for (const auto& [name, tensor] : file.tensors) {
      std::size_t needed = kizu::size_of(tensor.dtype);
      for (const std::int64_t dimension : tensor.shape) needed *= static_cast<std::size_t>(dimension);
      if (needed != tensor.bytes.size()) std::abort();
      total += needed;
    }
    if (total > size) std::abort();
  } catch (const kizu::Error&) {
  }
  return 0;
}
