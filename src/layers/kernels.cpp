#include "layers/kernels.h"

namespace kizu::layers {

Kernels kernels_plain();
#ifdef __x86_64__
Kernels kernels_avx2();
Kernels kernels_avx512();
#endif

namespace {

Kernels best() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return kernels_avx512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2();
#endif
  return kernels_plain();
}

}  // namespace

const Kernels& kernels() {
  static const Kernels chosen = best();
  return chosen;
}

}  // namespace kizu::layers
