#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "diffusion/ddim.h"
#include "diffusion/ddpm.h"
#include "diffusion/plms.h"
#include "unet_case.h"

namespace kizu::golden {
namespace {

using diffusion::Ending;
using diffusion::Spacing;

torch::Tensor as_tensor(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}

torch::Tensor map_tensor(std::vector<double> values, double (*f)(double)) {
  for (auto& v : values) v = f(v);
  return as_tensor(values);
}

/// The number after `key` in a text such as "sqrt {'linear_start': 0.0001, 'linear_end': 0.02}, float64".
double number_in(const std::string& text, const std::string& key, double otherwise) {
  const auto found = text.find("'" + key + "': ");
  return found == std::string::npos ? otherwise : std::stod(text.substr(found + key.size() + 4));
}

/// An output named betas_<curve>_<steps>, for instance betas_sqrt_linear_50.
void compare_betas(Case& c, const std::string& output) {
  const std::map<std::string, diffusion::BetaCurve> curves = {{"linear", diffusion::BetaCurve::kScaledLinear},
                                                              {"sqrt_linear", diffusion::BetaCurve::kLinear},
                                                              {"sqrt", diffusion::BetaCurve::kSqrt},
                                                              {"cosine", diffusion::BetaCurve::kCosine}};
  const auto underscore = output.rfind('_');
  const auto& curve = curves.at(output.substr(6, underscore - 6));
  const std::string what = c.json().at("tensors").at(output).at("what");
  c.compare(output, as_tensor(diffusion::make_betas(curve, std::stoll(output.substr(underscore + 1)),
                                                    number_in(what, "linear_start", 1e-4),
                                                    number_in(what, "linear_end", 2e-2))));
}

void run_schedule(Case& c) {
  const auto s = make_schedule(c.config());
  const auto& a = s.alpha_bar();
  const std::map<std::string, torch::Tensor> tables = {
      {"betas", as_tensor(s.beta())},
      {"betas_float64", as_tensor(s.beta())},
      {"alphas_cumprod", as_tensor(a)},
      {"alphas_cumprod_float64", as_tensor(a)},
      {"alphas_cumprod_prev", as_tensor(s.alpha_bar_prev())},
      {"sqrt_alphas_cumprod", map_tensor(a, [](double v) { return std::sqrt(v); })},
      {"sqrt_one_minus_alphas_cumprod", map_tensor(a, [](double v) { return std::sqrt(1 - v); })},
      {"log_one_minus_alphas_cumprod", map_tensor(a, [](double v) { return std::log(1 - v); })},
      {"sqrt_recip_alphas_cumprod", map_tensor(a, [](double v) { return std::sqrt(1 / v); })},
      {"sqrt_recipm1_alphas_cumprod", map_tensor(a, [](double v) { return std::sqrt(1 / v - 1); })},
      {"posterior_variance", as_tensor(s.posterior_variance())},
      {"posterior_log_variance_clipped", as_tensor(s.posterior_log_variance())},
      {"posterior_mean_coef1", as_tensor(s.posterior_mean_x_0())},
      {"posterior_mean_coef2", as_tensor(s.posterior_mean_x_t())},
      {"lvlb_weights", as_tensor(s.bound_weights())}};
  for (const auto& output : c.names("output")) {
    if (const auto known = tables.find(output); known != tables.end())
      c.compare(output, known->second);
    else
      compare_betas(c, output);
  }
}
KIZU_GOLDEN_KIND("diffusion.schedule", run_schedule);

void run_ddim_tables(Case& c) {
  diffusion::ScheduleConfig config;
  config.steps = c.config().at("num_ddpm_timesteps");
  const diffusion::Schedule schedule(config);
  for (const auto& [name, count] : c.config().at("number_of_steps").items()) {
    auto plan = sampler_steps(schedule, std::stoll(name.substr(name.rfind('_') + 1)), Spacing::kReference,
                              Ending::kNoisy);
    EXPECT_EQ(static_cast<int64_t>(plan.size()), count.get<int64_t>()) << name;
    std::reverse(plan.begin(), plan.end());
    std::vector<double> t, alphas, alphas_prev;
    for (const auto& step : plan) {
      t.push_back(static_cast<double>(step.t));
      alphas.push_back(step.alpha_bar);
      alphas_prev.push_back(step.alpha_bar_next);
    }
    c.compare("timesteps_" + name, as_tensor(t));
    c.compare("alphas_" + name, as_tensor(alphas));
    c.compare("alphas_prev_" + name, as_tensor(alphas_prev));
    for (const auto& output : c.names("output")) {
      const std::string start = "sigmas_" + name + "_eta";
      if (output.rfind(start, 0) != 0) continue;
      std::vector<double> sigmas;
      for (const auto& step : plan)
        sigmas.push_back(diffusion::ddim_sigma(step.alpha_bar, step.alpha_bar_next,
                                               std::stod(output.substr(start.size()))));
      c.compare(output, as_tensor(sigmas));
    }
  }
  for (const auto& output : c.names("output")) {
    if (output.rfind("timesteps_quad_", 0) != 0) continue;
    c.compare(output, torch::tensor(
                          time_grid(schedule, std::stoll(output.substr(15)), Spacing::kReferenceQuadratic)));
  }
  for (const auto& steps : c.config().at("steps_the_reference_cannot_do"))
    EXPECT_THROW(time_grid(schedule, steps, Spacing::kReference), Error) << steps;
}
KIZU_GOLDEN_KIND("diffusion.ddim_tables", run_ddim_tables);

void run_q_sample(Case& c) {
  const auto s = make_schedule(c.config());
  const auto x_0 = c.tensor("x0"), noise = c.tensor("noise"), x_t = c.tensor("x_t"), t = c.tensor("t");
  c.compare("q_sample", q_sample(s, x_0, noise, t));
  c.compare("predicted_x0", x_0_from_eps(s, x_t, noise, t));
  const auto posterior = q_posterior(s, x_0, x_t, t);
  c.compare("posterior_mean", posterior.mean);
  c.compare("posterior_variance", posterior.variance);
  c.compare("posterior_log_variance_clipped", posterior.log_variance);
  const auto q = q_mean_variance(s, x_0, t);
  c.compare("q_mean", q.mean);
  c.compare("q_variance", q.variance);
  c.compare("q_log_variance", q.log_variance);
}
KIZU_GOLDEN_KIND("diffusion.q_sample", run_q_sample);

/// Collects what a sampler goes through and compares what the case has of it.
struct Trajectory {
  std::vector<torch::Tensor> x, x_0;
  diffusion::Recorder recorder() {
    return [this](const diffusion::Step&, const torch::Tensor& now, const torch::Tensor& predicted) {
      x.push_back(now);
      x_0.push_back(predicted);
    };
  }
  void compare(Case& c) const {
    c.compare("sample", x.back());
    if (c.has("x")) c.compare("x", torch::stack(x));
    if (c.has("pred_x0")) c.compare("pred_x0", torch::stack(x_0));
  }
};

/// The network of the case with its context and, where the case has it, guidance.
diffusion::Denoiser guided_denoiser(const Case& c) {
  const auto unet = load_unet(c);
  const auto conditional = denoiser(unet, c.tensor("context"));
  if (!c.has("unconditional_context")) return conditional;
  return diffusion::guided(conditional, denoiser(unet, c.tensor("unconditional_context")),
                           c.config().value("unconditional_guidance_scale", 1.0));
}

void run_ddim(Case& c) {
  torch::NoGradGuard no_grad;
  diffusion::DdimOptions options{c.config().at("S"), c.config().at("eta"), Spacing::kReference,
                                 Ending::kNoisy};
  Trajectory trajectory;
  diffusion::Attachments attached;
  attached.record = trajectory.recorder();
  if (c.has("noise")) attached.noise = given_noise(c.tensor("noise"));
  ddim(guided_denoiser(c), make_schedule(c.config()), c.tensor("x_T"), options, attached);
  trajectory.compare(c);
}
KIZU_GOLDEN_KIND("diffusion.ddim", run_ddim);

void run_plms(Case& c) {
  torch::NoGradGuard no_grad;
  Trajectory trajectory;
  plms(guided_denoiser(c), make_schedule(c.config()), c.tensor("x_T"),
       {c.config().at("S"), Spacing::kReference, Ending::kNoisy}, {nullptr, nullptr, trajectory.recorder()});
  trajectory.compare(c);
}
KIZU_GOLDEN_KIND("diffusion.plms", run_plms);

void run_ddpm(Case& c) {
  torch::NoGradGuard no_grad;
  Trajectory trajectory;
  ddpm(guided_denoiser(c), make_schedule(c.config()), c.tensor("x_T"), c.config().at("first_t"),
       c.config().at("clip_denoised"), {nullptr, given_noise(c.tensor("noise")), trajectory.recorder()});
  trajectory.compare(c);
}
KIZU_GOLDEN_KIND("diffusion.ddpm", run_ddpm);

void run_ddpm_step(Case& c) {
  torch::NoGradGuard no_grad;
  const auto denoise = guided_denoiser(c);
  const auto schedule = make_schedule(c.config());
  for (const bool clip : {false, true}) {
    const auto step = ddpm_step(denoise, schedule, c.tensor("x_t"), c.tensor("t"), c.tensor("noise"), clip);
    const std::string suffix = clip ? "_clipped" : "";
    c.compare("x_prev" + suffix, step.x);
    c.compare("pred_x0" + suffix, step.x_0);
  }
}
KIZU_GOLDEN_KIND("diffusion.ddpm_step", run_ddpm_step);

void run_ddim_encode_decode(Case& c) {
  torch::NoGradGuard no_grad;
  const auto schedule = make_schedule(c.config());
  const int64_t t_enc = c.config().at("t_enc");
  const auto x_0 = c.tensor("x0");
  diffusion::DdimOptions options{c.config().at("S"), c.config().at("eta"), Spacing::kReference,
                                 Ending::kNoisy};
  // The reference noises to the grid's step t_enc, but decodes from the one before it.
  const auto grid = time_grid(schedule, options.steps, options.spacing);
  const auto encoded = q_sample(schedule, x_0, c.tensor("noise"),
                                diffusion::batch_of(grid.at(static_cast<size_t>(t_enc)), x_0));
  c.compare("encoded", encoded);
  options.last_steps = t_enc;
  c.compare("decoded", ddim(guided_denoiser(c), schedule, encoded, options));
}
KIZU_GOLDEN_KIND("diffusion.ddim_encode_decode", run_ddim_encode_decode);

}  // namespace
}  // namespace kizu::golden
