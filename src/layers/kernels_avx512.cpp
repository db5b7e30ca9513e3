#define KIZU_LANES 16
#define KIZU_REGISTERS 32
#include "layers/kernels_code.h"

namespace kizu::layers {
Kernels kernels_avx512() {
  return list("AVX-512");
}
}  // namespace kizu::layers
