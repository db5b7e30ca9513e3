#define KIZU_LANES 4
#define KIZU_REGISTERS 16
#include "layers/kernels_code.h"

namespace kizu::layers {
Kernels kernels_plain() {
  return list("plain");
}
}  // namespace kizu::layers
