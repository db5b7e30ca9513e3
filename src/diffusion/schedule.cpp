#include "diffusion/schedule.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace kizu::diffusion {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Nichol & Dhariwal 2021: alpha_bar follows a squared cosine.
std::vector<double> cosine_betas(int64_t steps) {
  const double s = 8e-3;
  const auto alpha = [&](int64_t i) {
    const double angle = (static_cast<double>(i) / static_cast<double>(steps) + s) / (1 + s) * kPi / 2;
    return std::cos(angle) * std::cos(angle);
  };
  std::vector<double> betas;
  for (int64_t i = 0; i < steps; ++i) betas.push_back(std::clamp(1 - alpha(i + 1) / alpha(i), 0.0, 0.999));
  return betas;
}

/// f(t) for every step.
template <class F>
std::vector<double> table(int64_t steps, F f) {
  std::vector<double> values(static_cast<size_t>(steps));
  for (size_t t = 0; t < values.size(); ++t) values[t] = f(t);
  return values;
}

}  // namespace

std::vector<double> make_betas(BetaCurve curve, int64_t steps, double start, double end) {
  if (steps < 1)
    throw Error("schedule: the number of steps must be at least 1, not " + std::to_string(steps));
  if (curve == BetaCurve::kCosine) return cosine_betas(steps);
  const bool root = curve == BetaCurve::kScaledLinear;
  const double a = root ? std::sqrt(start) : start, b = root ? std::sqrt(end) : end;
  return table(steps, [&](size_t i) {
    const double line =
        steps == 1 ? a : a + (b - a) * static_cast<double>(i) / static_cast<double>(steps - 1);
    if (root) return line * line;
    return curve == BetaCurve::kSqrt ? std::sqrt(line) : line;
  });
}

Schedule::Schedule(const ScheduleConfig& config)
    : beta_(make_betas(config.curve, config.steps, config.beta_start, config.beta_end)) {
  double product = 1;
  for (const double beta : beta_) {
    if (!(beta > 0 && beta < 1))
      throw Error("schedule: beta must lie between 0 and 1, not " + std::to_string(beta));
    alpha_bar_prev_.push_back(product);
    product *= 1 - beta;
    alpha_bar_.push_back(product);
  }
}

double Schedule::log_snr(int64_t t) const {
  const double a = alpha_bar_.at(static_cast<size_t>(t));
  return 0.5 * std::log(a / (1 - a));
}

std::vector<double> Schedule::posterior_variance() const {
  return table(steps(), [&](size_t t) { return beta_[t] * (1 - alpha_bar_prev_[t]) / (1 - alpha_bar_[t]); });
}

std::vector<double> Schedule::posterior_log_variance() const {
  auto values = posterior_variance();
  for (auto& v : values) v = std::log(std::max(v, 1e-20));
  return values;
}

std::vector<double> Schedule::posterior_mean_x_0() const {
  return table(steps(),
               [&](size_t t) { return beta_[t] * std::sqrt(alpha_bar_prev_[t]) / (1 - alpha_bar_[t]); });
}

std::vector<double> Schedule::posterior_mean_x_t() const {
  return table(steps(), [&](size_t t) {
    return (1 - alpha_bar_prev_[t]) * std::sqrt(1 - beta_[t]) / (1 - alpha_bar_[t]);
  });
}

std::vector<double> Schedule::bound_weights() const {
  const auto variance = posterior_variance();
  auto weights = table(steps(), [&](size_t t) {
    return beta_[t] * beta_[t] / (2 * variance[t] * (1 - beta_[t]) * (1 - alpha_bar_[t]));
  });
  if (weights.size() > 1) weights[0] = weights[1];
  return weights;
}

torch::Tensor at_steps(const std::vector<double>& table, const torch::Tensor& t, const torch::Tensor& like) {
  const auto steps = t.to(torch::kCPU, torch::kInt64).contiguous();
  auto values = torch::empty({steps.numel()}, torch::kFloat64);
  for (int64_t i = 0; i < steps.numel(); ++i)
    values.data_ptr<double>()[i] = table.at(static_cast<size_t>(steps.data_ptr<int64_t>()[i]));
  std::vector<int64_t> shape(static_cast<size_t>(like.dim()), 1);
  shape[0] = steps.numel();
  return values.reshape(shape).to(like.options());
}

namespace {

torch::Tensor signal(const Schedule& schedule, const torch::Tensor& t, const torch::Tensor& like) {
  auto root = schedule.alpha_bar();
  for (auto& a : root) a = std::sqrt(a);
  return at_steps(root, t, like);
}

torch::Tensor noise_level(const Schedule& schedule, const torch::Tensor& t, const torch::Tensor& like) {
  auto root = schedule.alpha_bar();
  for (auto& a : root) a = std::sqrt(1 - a);
  return at_steps(root, t, like);
}

}  // namespace

torch::Tensor q_sample(const Schedule& schedule, const torch::Tensor& x_0, const torch::Tensor& eps,
                       const torch::Tensor& t) {
  return signal(schedule, t, x_0) * x_0 + noise_level(schedule, t, x_0) * eps;
}

torch::Tensor x_0_from_eps(const Schedule& schedule, const torch::Tensor& x_t, const torch::Tensor& eps,
                           const torch::Tensor& t) {
  return (x_t - noise_level(schedule, t, x_t) * eps) / signal(schedule, t, x_t);
}

torch::Tensor eps_from_x_0(const Schedule& schedule, const torch::Tensor& x_t, const torch::Tensor& x_0,
                           const torch::Tensor& t) {
  return (x_t - signal(schedule, t, x_t) * x_0) / noise_level(schedule, t, x_t);
}

torch::Tensor v_from(const Schedule& schedule, const torch::Tensor& x_0, const torch::Tensor& eps,
                     const torch::Tensor& t) {
  return signal(schedule, t, x_0) * eps - noise_level(schedule, t, x_0) * x_0;
}

torch::Tensor x_0_from_v(const Schedule& schedule, const torch::Tensor& x_t, const torch::Tensor& v,
                         const torch::Tensor& t) {
  return signal(schedule, t, x_t) * x_t - noise_level(schedule, t, x_t) * v;
}

torch::Tensor eps_from_v(const Schedule& schedule, const torch::Tensor& x_t, const torch::Tensor& v,
                         const torch::Tensor& t) {
  return noise_level(schedule, t, x_t) * x_t + signal(schedule, t, x_t) * v;
}

Normal q_mean_variance(const Schedule& schedule, const torch::Tensor& x_0, const torch::Tensor& t) {
  auto variance = schedule.alpha_bar(), log_variance = variance;
  for (auto& a : variance) a = 1 - a;
  for (auto& a : log_variance) a = std::log1p(-a);
  return {signal(schedule, t, x_0) * x_0, at_steps(variance, t, x_0), at_steps(log_variance, t, x_0)};
}

Normal q_posterior(const Schedule& schedule, const torch::Tensor& x_0, const torch::Tensor& x_t,
                   const torch::Tensor& t) {
  const auto mean = at_steps(schedule.posterior_mean_x_0(), t, x_t) * x_0 +
                    at_steps(schedule.posterior_mean_x_t(), t, x_t) * x_t;
  return {mean, at_steps(schedule.posterior_variance(), t, x_t),
          at_steps(schedule.posterior_log_variance(), t, x_t)};
}

}  // namespace kizu::diffusion
