#include <gtest/gtest.h>

#include "golden_case.h"
#include "inspection/learning_rate.h"
#include "inspection/localizer_net.h"
#include "inspection/losses.h"
#include "inspection/score_map.h"
#include "tensor/adam.h"

namespace kizu::golden {
namespace {

namespace in = inspection;

torch::Tensor loss_of(in::DraemNet& net, Case& c, torch::ScalarType type = torch::kFloat32) {
  const auto logits = net.forward(c.tensor("image").to(type));
  return in::focal_loss(torch::softmax(logits, 1), c.tensor("mask").to(type));
}

void load_weights(in::DraemNet& net, const Case& c) {
  auto weights = c.weights();
  for (const auto& [name, value] : state_of(net)) {
    // A rule does not list integer counters: they are zero.
    if (!value.is_floating_point()) weights.emplace(name, torch::zeros_like(value));
  }
  load_state(net, weights, "", c.name());
}

in::DraemNet net_of(const Case& c) {
  const auto& config = c.config();
  in::DraemNet net(config.at("base_channels"), config.at("in_channels"), config.at("out_channels"));
  load_weights(net, c);
  return net;
}

// In float64: a norm over the six values of the lowest level magnifies rounding so much that the float32
// gradient depends on the instruction set; the stored one is within a tenth of its tolerance of the float64
// gradient.
void compare_gradients(Case& c) {
  auto net = net_of(c);
  net.to(torch::kFloat64);
  const auto parts = trainables(net);
  const auto gradients = torch::autograd::grad({loss_of(net, c, torch::kFloat64)}, values_of(parts));
  std::map<std::string, torch::Tensor> by_name;
  for (size_t i = 0; i < parts.size(); i++) by_name[parts[i].name] = gradients[i];
  std::vector<double> norms;
  for (const auto& name : c.config().at("gradient_norm_names")) {
    norms.push_back(by_name.at(name).to(torch::kFloat64).norm().item<double>());
  }
  c.compare("gradient_norms", torch::tensor(norms, torch::kFloat64));
  for (const auto& output : c.names("output")) {
    if (output.rfind("grad.", 0) == 0) c.compare(output, by_name.at(output.substr(5)));
  }
}

void run_net(Case& c) {
  ASSERT_EQ(c.config().at("loss"), "FocalLoss() on the softmax over channels");
  auto net = net_of(c);
  net.eval();
  {
    const torch::NoGradGuard no_grad;
    c.compare("logits_eval", net.forward(c.tensor("image")));
  }
  net.train();
  const auto logits = net.forward(c.tensor("image"));
  c.compare("logits_train", logits);
  c.compare("loss", in::focal_loss(torch::softmax(logits, 1), c.as_float("mask")));
  const auto state = state_of(net);
  for (const auto& output : c.names("output")) {
    if (output.rfind("after_train.", 0) == 0) c.compare(output, state.at(output.substr(12)));
  }
  compare_gradients(c);
  if (!c.has("losses_of_five_adam_steps")) return;
  const auto parts = trainables(net);
  Adam adam(parts, {});
  std::vector<float> losses;
  for (int64_t step = 0; step < c.tensor("losses_of_five_adam_steps").numel(); step++) {
    const auto now = loss_of(net, c);
    losses.push_back(now.item<float>());
    adam.step(torch::autograd::grad({now}, values_of(parts)), c.config().at("lr"));
  }
  c.compare("losses_of_five_adam_steps", torch::tensor(losses));
  net.eval();
  const torch::NoGradGuard no_grad;
  c.compare("logits_eval_after", net.forward(c.tensor("image")));
}
KIZU_GOLDEN_KIND("localization.net", run_net);

in::FocalOptions focal_options(const nlohmann::json& setting) {
  in::FocalOptions options;
  for (const auto& [key, value] : setting.items()) {
    if (key == "gamma")
      options.gamma = value;
    else if (key == "smooth")
      options.smooth = value;
    else if (key == "balance_index")
      options.balance_index = value;
    else if (key == "size_average")
      options.mean = value;
    else if (key == "alpha" && value.is_array())
      options.class_weights = value.get<std::vector<double>>();
    else if (key == "alpha" && value.is_number())
      options.alpha = value.get<double>();
    else if (!value.is_null())
      ADD_FAILURE() << "unknown setting of the focal loss: " << key;
  }
  return options;
}

void compare_focal(Case& c, const std::string& output, const std::string& target,
                   const in::FocalOptions& options) {
  const auto probabilities = c.tensor("probabilities").requires_grad_();
  const auto loss = in::focal_loss(probabilities, c.as_float(target), options);
  c.compare(output + ".loss", loss);
  c.compare(output + ".grad", torch::autograd::grad({loss.sum()}, {probabilities})[0]);
}

void run_focal_loss(Case& c) {
  auto defaults = c.config().at("defaults");
  for (const auto& [name, setting] : c.config().at("settings").items()) {
    auto merged = defaults;
    merged.update(setting);
    compare_focal(c, name, "target", focal_options(merged));
    if (c.has("soft." + name + ".loss"))
      compare_focal(c, "soft." + name, "soft_target", focal_options(merged));
  }
}
KIZU_GOLDEN_KIND("localization.focal_loss", run_focal_loss);

void run_ssim(Case& c) {
  for (const auto& input : c.names("input")) {
    if (input.size() < 2 || input.substr(input.size() - 2) != ".a") continue;
    const auto name = input.substr(0, input.size() - 2);
    const auto a = c.tensor(name + ".a").requires_grad_();
    const auto map = in::ssim_map(a, c.tensor(name + ".b"));
    const auto loss = in::ssim_loss(a, c.tensor(name + ".b"));
    c.compare(name + ".map", map);
    c.compare(name + ".loss", loss);
    c.compare(name + ".grad_a", torch::autograd::grad({loss}, {a})[0]);
  }
}
KIZU_GOLDEN_KIND("localization.ssim", run_ssim);

void run_score_map(Case& c) {
  const auto maps = in::pixel_scores(c.tensor("logits"));
  c.compare("pixel_score", maps);
  c.compare("averaged", in::reference_averages(maps));
  c.compare("image_score", in::reference_image_scores(maps));
}
KIZU_GOLDEN_KIND("localization.score_map", run_score_map);

void run_lr_schedule(Case& c) {
  for (const auto& output : c.names("output")) {
    const int64_t epochs = c.tensor(output).numel();
    std::vector<double> rates;
    for (int64_t epoch = 0; epoch < epochs; epoch++) {
      rates.push_back(in::reference_rate(c.config().at("lr"), c.config().at("gamma"), epoch, epochs));
    }
    c.compare(output, torch::tensor(rates, torch::kFloat64));
  }
}
KIZU_GOLDEN_KIND("localization.lr_schedule", run_lr_schedule);

}  // namespace
}  // namespace kizu::golden
