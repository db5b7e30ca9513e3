#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace kizu::bench {

/// What a library reached with its matrix product in float32.
struct ProductRate {
  std::string library;
  double gflops = 0;
};

/// The largest product rates of libtorch, OpenBLAS and oneDNN (as far as they are there) with `threads`
/// threads, each the best of several sizes.
std::vector<ProductRate> product_rates(int threads);
/// The largest of them: what the shares of the peak refer to.
double peak_gflops(const std::vector<ProductRate>& rates);
/// GB/s at which `threads` threads read memory far larger than any cache.
double read_bandwidth(int threads);

}  // namespace kizu::bench
