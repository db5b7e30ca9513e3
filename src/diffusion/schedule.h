#pragma once
#include <torch/torch.h>

#include <vector>

namespace kizu::diffusion {

/// How beta grows from `start` to `end`. The names of latent diffusion mislead: its "linear" is kScaledLinear
/// (linear in the square root), its "sqrt_linear" is kLinear, its "sqrt" is kSqrt; kCosine ignores start and
/// end.
enum class BetaCurve { kScaledLinear, kLinear, kSqrt, kCosine };

/// beta_0 .. beta_{steps-1} in float64.
std::vector<double> make_betas(BetaCurve curve, int64_t steps, double start, double end);

struct ScheduleConfig {
  BetaCurve curve = BetaCurve::kScaledLinear;
  int64_t steps = 1000;
  double beta_start = 0.00085;
  double beta_end = 0.012;
};

/// The variance schedule of Ho et al. 2020, in float64: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t)
/// eps with alpha_bar_t = prod_{i <= t} (1 - beta_i), t = 0 .. steps - 1. The tables are rounded to float32
/// where they meet a tensor.
class Schedule {
 public:
  explicit Schedule(const ScheduleConfig& config = {});

  int64_t steps() const { return static_cast<int64_t>(beta_.size()); }
  const std::vector<double>& beta() const { return beta_; }
  const std::vector<double>& alpha_bar() const { return alpha_bar_; }
  /// alpha_bar of the step before; 1 before step 0.
  const std::vector<double>& alpha_bar_prev() const { return alpha_bar_prev_; }
  /// Half the log of the signal-to-noise ratio, log(sqrt(alpha_bar) / sqrt(1 - alpha_bar)): falls with t.
  double log_snr(int64_t t) const;

  /// q(x_{t-1} | x_t, x_0) is normal with mean posterior_mean_x_0 * x_0 + posterior_mean_x_t * x_t and this
  /// variance.
  std::vector<double> posterior_variance() const;
  /// Its log; the first, -inf, is clipped to log(1e-20).
  std::vector<double> posterior_log_variance() const;
  std::vector<double> posterior_mean_x_0() const;
  std::vector<double> posterior_mean_x_t() const;
  /// Weights that turn the simple loss into the variational bound; the first takes the second's value.
  std::vector<double> bound_weights() const;

 private:
  std::vector<double> beta_, alpha_bar_, alpha_bar_prev_;
};

/// table[t] as [B, 1, 1, ...] with the dtype, device and number of dimensions of `like`; t is int64 [B].
torch::Tensor at_steps(const std::vector<double>& table, const torch::Tensor& t, const torch::Tensor& like);

/// q(x_t | x_0): sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps. x_0, eps [B, ...]; t [B].
torch::Tensor q_sample(const Schedule& schedule, const torch::Tensor& x_0, const torch::Tensor& eps,
                       const torch::Tensor& t);

/// The three ways to say what a network predicts. v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0 (Salimans
/// & Ho 2022).
torch::Tensor x_0_from_eps(const Schedule&, const torch::Tensor& x_t, const torch::Tensor& eps,
                           const torch::Tensor& t);
torch::Tensor eps_from_x_0(const Schedule&, const torch::Tensor& x_t, const torch::Tensor& x_0,
                           const torch::Tensor& t);
torch::Tensor v_from(const Schedule&, const torch::Tensor& x_0, const torch::Tensor& eps,
                     const torch::Tensor& t);
torch::Tensor x_0_from_v(const Schedule&, const torch::Tensor& x_t, const torch::Tensor& v,
                         const torch::Tensor& t);
torch::Tensor eps_from_v(const Schedule&, const torch::Tensor& x_t, const torch::Tensor& v,
                         const torch::Tensor& t);

/// Mean, and variance and log variance [B, 1, ...], of a normal distribution over x.
struct Normal {
  torch::Tensor mean, variance, log_variance;
};
/// q(x_t | x_0) as a distribution.
Normal q_mean_variance(const Schedule&, const torch::Tensor& x_0, const torch::Tensor& t);
/// q(x_{t-1} | x_t, x_0).
Normal q_posterior(const Schedule&, const torch::Tensor& x_0, const torch::Tensor& x_t,
                   const torch::Tensor& t);

}  // namespace kizu::diffusion
