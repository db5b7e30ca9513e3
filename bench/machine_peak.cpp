#include "machine_peak.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <functional>

#ifdef KIZU_DNNL
#include <oneapi/dnnl/dnnl.hpp>
#endif
#ifdef KIZU_OPENBLAS
extern "C" void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                            const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
#endif

namespace kizu::bench {
namespace {

using Matrix = const torch::Tensor&;
using Product = std::function<void(Matrix a, Matrix b, Matrix c)>;

double best_seconds(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  const auto begin = Clock::now();
  for (int i = 0; i < 4 || Clock::now() - begin < std::chrono::milliseconds(1500); ++i) {
    const auto start = Clock::now();
    work();
    if (i > 0) best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

/// Square products, and one of the U-Net's shape: the feed-forward of its widest level at batch 2.
double rate(const Product& product) {
  double most = 0;
  for (const auto& [m, k, n] :
       {std::array<int64_t, 3>{1024, 1024, 1024}, {2048, 2048, 2048}, {2048, 320, 2560}}) {
    const auto a = torch::rand({m, k}) - 0.5, b = torch::rand({k, n}) - 0.5, c = torch::empty({m, n});
    const double seconds = best_seconds([&] { product(a, b, c); });
    most = std::max(most, 2e-9 * static_cast<double>(m * k * n) / seconds);
  }
  return most;
}

void torch_product(Matrix a, Matrix b, Matrix c) {
  auto out = c;
  torch::mm_out(out, a, b);
}

#ifdef KIZU_OPENBLAS
void openblas_product(Matrix a, Matrix b, Matrix c) {
  constexpr int kRowMajor = 101, kPlain = 111;
  const auto m = static_cast<int>(a.size(0)), k = static_cast<int>(a.size(1)),
             n = static_cast<int>(b.size(1));
  cblas_sgemm(kRowMajor, kPlain, kPlain, m, n, k, 1, a.data_ptr<float>(), k, b.data_ptr<float>(), n, 0,
              c.data_ptr<float>(), n);
}
#endif

#ifdef KIZU_DNNL
/// With the right matrix in the order that the library likes best, as weights would be.
class DnnlProduct {
 public:
  void operator()(Matrix a, Matrix b, Matrix c) {
    using namespace dnnl;
    if (!b_.is_same(b)) prepare(a, b, c);
    product_.execute(stream_, {{DNNL_ARG_SRC, memory(description(a), engine_, a.data_ptr())},
                               {DNNL_ARG_WEIGHTS, ordered_},
                               {DNNL_ARG_DST, memory(description(c), engine_, c.data_ptr())}});
    stream_.wait();
  }

 private:
  static dnnl::memory::desc description(Matrix x) {
    return {{x.size(0), x.size(1)}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::ab};
  }
  void prepare(Matrix a, Matrix b, Matrix c) {
    const dnnl::memory::desc any({b.size(0), b.size(1)}, dnnl::memory::data_type::f32,
                                 dnnl::memory::format_tag::any);
    const dnnl::matmul::primitive_desc chosen({description(a), any, description(c)}, engine_);
    dnnl::memory plain(description(b), engine_, b.data_ptr());
    ordered_ = dnnl::memory(chosen.weights_desc(), engine_);
    dnnl::reorder(plain, ordered_).execute(stream_, plain, ordered_);
    product_ = dnnl::matmul(chosen);
    b_ = b;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::memory ordered_;
  dnnl::matmul product_;
  torch::Tensor b_;
};
#endif

}  // namespace

std::vector<ProductRate> product_rates(int threads) {
  const torch::NoGradGuard no_grad;
  at::set_num_threads(threads);
  std::vector<ProductRate> rates{{"libtorch", rate(torch_product)}};
#ifdef KIZU_OPENBLAS
  rates.push_back({"OpenBLAS", rate(openblas_product)});
#endif
#ifdef KIZU_DNNL
  rates.push_back({"oneDNN", rate([product = DnnlProduct()](Matrix a, Matrix b, Matrix c) mutable {
                     product(a, b, c);
                   })});
#endif
  return rates;
}

double peak_gflops(const std::vector<ProductRate>& rates) {
  double most = 0;
  for (const auto& each : rates) most = std::max(most, each.gflops);
  return most;
}

double read_bandwidth(int threads) {
  const torch::NoGradGuard no_grad;
  at::set_num_threads(threads);
  const auto memory = torch::ones({int64_t{1} << 28});  // 1 GiB
  return static_cast<double>(memory.nbytes()) / 1e9 / best_seconds([&] { (void)memory.sum(); });
}

}  // namespace kizu::bench
