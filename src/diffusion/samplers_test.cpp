#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.h"
#include "diffusion/ddim.h"
#include "diffusion/ddpm.h"
#include "diffusion/dpm_solver.h"
#include "diffusion/gaussian_case.h"
#include "diffusion/plms.h"
#include "diffusion/sampler.h"

namespace kizu::diffusion {
namespace {

constexpr int64_t kDraws = 20000;

/// Expects the samples to have the mean and covariance of the data, within `tolerance`.
void expect_data_distribution(const GaussianCase& data, const torch::Tensor& samples, double tolerance) {
  const auto x = samples.flatten(1);
  const auto mean = x.mean(0), centred = x - mean;
  const auto covariance = centred.t().matmul(centred) / static_cast<double>(x.size(0) - 1);
  std::printf("  off by %.4f in the mean, %.4f in the covariance\n",
              (mean - data.mean).abs().max().item<double>(),
              (covariance - data.covariance).abs().max().item<double>());
  EXPECT_LT((mean - data.mean).abs().max().item<double>(), tolerance) << mean;
  EXPECT_LT((covariance - data.covariance).abs().max().item<double>(), tolerance) << covariance;
}

/// Draws at the noise of the largest step of the grid.
torch::Tensor start(const GaussianCase& data, const Schedule& schedule, int64_t steps, Spacing spacing) {
  return data.draw(kDraws, sampler_steps(schedule, steps, spacing, Ending::kClean)[0].alpha_bar, 1);
}

NoiseSource noise_in_double(uint64_t seed) {
  return [seed](int64_t step, at::IntArrayRef shape) {
    return NoiseStream(mix(seed, "step", static_cast<uint64_t>(step))).normal(shape).to(torch::kFloat64);
  };
}

Attachments with_noise(uint64_t seed) {
  Attachments attached;
  attached.noise = noise_in_double(seed);
  return attached;
}

TEST(Ddim, WithoutNoiseHasMeanAndCovariance) {
  const GaussianCase data;
  const Schedule schedule;
  const auto x = start(data, schedule, 250, Spacing::kTrailing);
  expect_data_distribution(data, ddim(data.denoiser(schedule), schedule, x, {250, 0.0}), 0.02);
}

TEST(Ddim, WithFullNoiseHasMeanAndCovariance) {
  const GaussianCase data;
  const Schedule schedule;
  const auto x = start(data, schedule, 250, Spacing::kTrailing);
  expect_data_distribution(data, ddim(data.denoiser(schedule), schedule, x, {250, 1.0}, with_noise(2)), 0.04);
}

TEST(Samplers, CleanEndingReturnsTheDataAndNoisyEndingLeavesNoise) {
  const Schedule schedule;
  const double level = std::sqrt(1 - schedule.alpha_bar()[0]);
  const Denoiser always_two = [&](const torch::Tensor& x, const torch::Tensor& t) {
    return eps_from_x_0(schedule, x, torch::full_like(x, 2.0), t);
  };
  const auto x = NoiseStream(5).normal({1, 1, 64, 64}).to(torch::kFloat64);
  const auto deviation = [](const torch::Tensor& sample) {
    return (sample - 2).square().mean().sqrt().item<double>();
  };
  for (const auto ending : {Ending::kClean, Ending::kNoisy}) {
    const double expected = ending == Ending::kClean ? 0 : level;
    const double tolerance = ending == Ending::kClean ? 1e-9 : 0.1 * level;
    EXPECT_NEAR(deviation(ddim(always_two, schedule, x, {10, 0.0, Spacing::kReference, ending})), expected,
                tolerance);
    EXPECT_NEAR(deviation(dpm_solver(always_two, schedule, x, {10, Spacing::kLogSnr, ending})), expected,
                tolerance);
    EXPECT_NEAR(deviation(plms(always_two, schedule, x, {10, Spacing::kTrailing, ending})), expected,
                tolerance);
  }
}

TEST(DpmSolver, TwentyStepsHaveMeanAndCovariance) {
  const GaussianCase data;
  const Schedule schedule;
  for (const auto spacing : {Spacing::kLogSnr, Spacing::kTrailing}) {
    const auto x = start(data, schedule, 20, spacing);
    expect_data_distribution(data, dpm_solver(data.denoiser(schedule), schedule, x, {20, spacing}),
                             spacing == Spacing::kLogSnr ? 0.02 : 0.05);
  }
}

TEST(DpmSolver, WithNoiseHasMeanAndCovariance) {
  const GaussianCase data;
  const Schedule schedule;
  const auto x = start(data, schedule, 100, Spacing::kLogSnr);
  DpmSolverOptions options{100};
  options.stochastic = true;
  expect_data_distribution(data, dpm_solver(data.denoiser(schedule), schedule, x, options, with_noise(4)),
                           0.04);
}

TEST(Plms, HasMeanAndCovariance) {
  const GaussianCase data;
  const Schedule schedule;
  const auto x = start(data, schedule, 50, Spacing::kTrailing);
  expect_data_distribution(data, plms(data.denoiser(schedule), schedule, x, {50}), 0.02);
}

TEST(Ddpm, HasMeanAndCovariance) {
  const GaussianCase data;
  const Schedule schedule({BetaCurve::kScaledLinear, 200, 0.00425, 0.06});
  const auto x = data.draw(kDraws, schedule.alpha_bar().back(), 1);
  expect_data_distribution(data, ddpm(data.denoiser(schedule), schedule, x, 199, false, with_noise(3)), 0.04);
}

/// Root mean square error against the exact probability flow, down to the smallest t of a very fine schedule.
template <class Sampler>
double flow_error(int64_t steps, Sampler sample) {
  const GaussianCase data;
  const Schedule fine({BetaCurve::kScaledLinear, 50000, 0.00085 / 50, 0.012 / 50});
  const double from = fine.alpha_bar().back(), to = fine.alpha_bar().front();
  const auto x = data.draw(500, from, 4);
  const auto exact = data.flow(x, from, to);
  return (sample(data.denoiser(fine), fine, x, steps) - exact).square().mean().sqrt().template item<double>();
}

double order(double coarse, double fine) {
  return std::log2(coarse / fine);
}

TEST(DpmSolver, IsOfSecondOrder) {
  const auto error = [](int64_t steps) {
    return flow_error(steps, [](const Denoiser& d, const Schedule& s, const torch::Tensor& x, int64_t n) {
      return dpm_solver(d, s, x, {n, Spacing::kLogSnr, Ending::kNoisy});
    });
  };
  const double e20 = error(20), e40 = error(40), e80 = error(80);
  std::printf("DPM-Solver++(2M): error %.2e %.2e %.2e at 20, 40, 80 steps: order %.2f %.2f\n", e20, e40, e80,
              order(e20, e40), order(e40, e80));
  EXPECT_GT(order(e40, e80), 1.7);
  EXPECT_LT(order(e40, e80), 2.4);
}

TEST(UniPc, IsOfThirdOrderAndMoreExactThanDpmSolver) {
  const auto error = [](int64_t steps, bool corrected) {
    return flow_error(
        steps, [corrected](const Denoiser& d, const Schedule& s, const torch::Tensor& x, int64_t n) {
          return dpm_solver(d, s, x, {n, Spacing::kLogSnr, Ending::kNoisy, 0, false, corrected});
        });
  };
  const double e20 = error(20, true), e40 = error(40, true), e80 = error(80, true);
  std::printf("UniPC: error %.2e %.2e %.2e at 20, 40, 80 steps: order %.2f; DPM-Solver++(2M) at 40: %.2e\n",
              e20, e40, e80, order(e40, e80), error(40, false));
  EXPECT_GT(order(e40, e80), 2.0);
  EXPECT_LT(e40, error(40, false));
}

TEST(Ddim, IsOfFirstOrderAndLessExactThanDpmSolver) {
  const auto error = [](int64_t steps) {
    return flow_error(steps, [](const Denoiser& d, const Schedule& s, const torch::Tensor& x, int64_t n) {
      return ddim(d, s, x, {n, 0.0, Spacing::kLogSnr, Ending::kNoisy});
    });
  };
  const double e40 = error(40), e80 = error(80);
  std::printf("DDIM: error %.2e %.2e at 40, 80 steps: order %.2f\n", e40, e80, order(e40, e80));
  EXPECT_NEAR(order(e40, e80), 1, 0.15);
}

TEST(Samplers, HookSeesEachStepAndMayReplaceTheLatent) {
  const Schedule schedule;
  const Denoiser nothing = [](const torch::Tensor& x, const torch::Tensor&) { return torch::zeros_like(x); };
  std::vector<int64_t> seen;
  Attachments attached;
  attached.before_step = [&](SamplerState& state) {
    EXPECT_EQ(state.x_0.defined(), state.step.index > 0);
    seen.push_back(state.step.t);
    state.x_t = torch::full_like(state.x_t, std::sqrt(state.step.alpha_bar) * 3);
  };
  const auto x = torch::zeros({1, 1, 2, 2});
  for (const auto& result :
       {ddim(nothing, schedule, x, {4}, attached), dpm_solver(nothing, schedule, x, {4}, attached),
        plms(nothing, schedule, x, {4}, attached)})
    EXPECT_TRUE(torch::allclose(result, torch::full_like(result, 3.0))) << result;
  EXPECT_EQ(seen.size(), 12u);
  EXPECT_EQ(seen.front(), 999);
}

TEST(Samplers, APictureIsTheSameInAnyBatch) {
  const Schedule schedule;
  const Denoiser denoise = [](const torch::Tensor& x, const torch::Tensor&) { return 0.5 * x.sin(); };
  const auto sample = [&](std::vector<uint64_t> seeds) {
    Attachments attached;
    attached.noise = noise_per_image(seeds, "step");
    const auto x = noise_per_image(seeds, "start")(0, {static_cast<int64_t>(seeds.size()), 2, 3, 3});
    return ddim(denoise, schedule, x, {7, 1.0}, attached);
  };
  const auto together = sample({11, 12, 13});
  EXPECT_TRUE(torch::equal(together[1], sample({12})[0]));
  EXPECT_TRUE(torch::equal(together[2], sample({13, 11})[0]));
  EXPECT_FALSE(torch::equal(together[0], together[1]));
}

TEST(Samplers, GuidanceExtrapolates) {
  const Denoiser one = [](const torch::Tensor& x, const torch::Tensor&) { return torch::ones_like(x); };
  const Denoiser three = [](const torch::Tensor& x, const torch::Tensor&) { return 3 * torch::ones_like(x); };
  const auto x = torch::zeros({1, 1, 1, 1});
  const auto t = batch_of(5, x);
  EXPECT_EQ(guided(three, one, 5)(x, t).item<float>(), 11);
  EXPECT_EQ(guided(three, one, 1)(x, t).item<float>(), 3);
  EXPECT_EQ(guided(three, one, 0)(x, t).item<float>(), 1);
}

TEST(Samplers, RefuseBadOptions) {
  const Schedule schedule;
  const Denoiser nothing = [](const torch::Tensor& x, const torch::Tensor&) { return x; };
  const auto x = torch::zeros({1, 1, 1, 1});
  EXPECT_THROW(ddim(nothing, schedule, x, {0}), Error);
  EXPECT_THROW(ddim(nothing, schedule, x, {10, 1.5}), Error);
  EXPECT_THROW(dpm_solver(nothing, schedule, x, {1001}), Error);
  EXPECT_THROW(dpm_solver(nothing, schedule, x, {10, Spacing::kLogSnr, Ending::kClean, 0, true, true}),
               Error);
}

TEST(Samplers, AreChosenByName) {
  const GaussianCase data;
  const Schedule schedule;
  const auto x = data.draw(10, schedule.alpha_bar().back(), 6);
  const auto by = [&](const std::string& word) {
    for (const auto& [name, solver] : solvers()) {
      EXPECT_EQ(name_of(solver), name);
      if (name != word) continue;
      return sample(data.denoiser(schedule), schedule, x, {solver, 10, 0, spacing_for(solver)},
                    with_noise(7));
    }
    return torch::Tensor();
  };
  const auto denoise = data.denoiser(schedule);
  EXPECT_TRUE(torch::equal(by("ddim"), ddim(denoise, schedule, x, {10, 0})));
  EXPECT_TRUE(torch::equal(by("dpm++"), dpm_solver(denoise, schedule, x, {10})));
  DpmSolverOptions corrected{10};
  corrected.corrected = true;
  EXPECT_TRUE(torch::equal(by("unipc"), dpm_solver(denoise, schedule, x, corrected)));
  EXPECT_FALSE(torch::equal(by("unipc"), by("dpm++")));
  EXPECT_FALSE(torch::equal(by("dpm++sde"), by("dpm++")));
}

}  // namespace
}  // namespace kizu::diffusion
