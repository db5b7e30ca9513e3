#define KIZU_LANES 8
#define KIZU_REGISTERS 16
#include "layers/kernels_code.h"

namespace kizu::layers {
Kernels kernels_avx2() {
  return list("AVX2");
}
}  // namespace kizu::layers
