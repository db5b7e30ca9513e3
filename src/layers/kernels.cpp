#include "layers/kernels.h"

namespace kizu::layers {

Kernels kernels_plain();
#ifdef __x86_64__
Kernels kernels_avx2();
Kernels kernels_avx512();
#endif

std::vector<Kernels> runnable_kernels() {
  std::vector<Kernels> all{kernels_plain()};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(kernels_avx2());
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    all.push_back(kernels_avx512());
#endif
  return all;
}

const Kernels& kernels() {
  static const Kernels chosen = runnable_kernels().back();
  return chosen;
}

}  // namespace kizu::layers
