#include "layers/kernels.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace kizu::layers {

Kernels kernels_plain();
#ifdef __x86_64__
Kernels kernels_avx2();
Kernels kernels_avx512();
#endif

#ifdef __x86_64__
/// Whether the processor converts float16; not every compiler can be asked for it by name.
static bool converts_float16() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}
#endif

std::vector<Kernels> runnable_kernels() {
  std::vector<Kernels> all{kernels_plain()};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && converts_float16())
    all.push_back(kernels_avx2());
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    all.push_back(kernels_avx512());
#endif
  return all;
}

const Kernels& kernels() {
  static const Kernels chosen = runnable_kernels().back();
  return chosen;
}

}  // namespace kizu::layers
