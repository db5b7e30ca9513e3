#include "anomaly/textual_inversion.h"
#include "concepts_case.h"

namespace kizu::golden {
namespace {

/// Text, names and masks to the context, and gradients of sum(context * loss_weight).
void run_context(Case& c) {
  auto base = load_base(c);
  const auto concepts = load_concepts(c);
  const auto names = c.config().at("names").get<std::vector<std::string>>();
  const auto context =
      anomaly::context_of(base.text, c.tensor("ids"), concepts.inserted(names, c.as_float("mask")));
  c.compare("context", context.tokens);
  c.compare("position", context.ranges);
  (context.tokens * c.tensor("loss_weight")).sum().backward();
  for (const auto& each : concepts.trainables())
    if (c.has("grad_" + each.name)) c.compare("grad_" + each.name, each.value.grad());
}
KIZU_GOLDEN_KIND("anomaly.context", run_context);

AdamOptions adam_of(const nlohmann::json& optimizer) {
  const std::string name = optimizer.at("name");
  if (name != "Adam" && name != "AdamW") throw std::runtime_error("no optimiser " + name);
  const double decay = optimizer.at("weight_decay");
  if (name == "Adam" && decay != 0)
    throw std::runtime_error("Adam with coupled weight decay is not supported");
  const auto betas = optimizer.at("betas").get<std::vector<double>>();
  return {betas.at(0), betas.at(1), optimizer.at("eps"), decay};
}

void compare_step(Case& c, const std::string& step, const anomaly::InversionGradient& gradient,
                  const std::vector<Trainable>& trained) {
  c.compare(step + ".loss", torch::tensor({gradient.loss}, torch::kFloat64));
  for (size_t i = 0; i < trained.size(); i++) {
    const auto name = trained[i].name;
    if (c.has(step + ".grad_" + name)) c.compare(step + ".grad_" + name, gradient.of[i]);
    if (c.has(step + "." + name)) c.compare(step + "." + name, trained[i].value);
  }
}

/// Optimiser steps 1, 2, ...; with masks it is the anomaly model, without them the mask model.
void run_training(Case& c) {
  auto base = load_base(c);
  const auto& config = c.config();
  anomaly::InversionOptions options;
  options.mask_resize = anomaly::MaskResize::kReference;
  options.loss = {false, 0};
  options.rows_at_once = 1;
  anomaly::TextualInversion training(base, load_concepts(c), options, adam_of(config.at("optimizer")));
  const auto texts = config.at("texts").get<std::vector<std::vector<std::string>>>();
  for (size_t i = 0; i < texts.size(); i++) {
    const auto at = static_cast<int64_t>(i);
    anomaly::InversionBatch batch;
    batch.z_0 = c.tensor("z")[at];
    batch.ids = ids_of(texts[i], base.config.text.max_length);
    batch.names = config.at("names").is_null() ? std::vector<std::string>(texts[i].size(), "*")
                                               : config.at("names").at(i).get<std::vector<std::string>>();
    if (c.has("mask")) batch.mask = c.as_float("mask")[at];
    batch.t = c.tensor("t")[at];
    batch.eps = c.tensor("noise")[at];
    const auto gradient = training.step(batch, config.at("learning_rate"));
    compare_step(c, "step" + std::to_string(i + 1), gradient, training.concepts().trainables());
  }
}
KIZU_GOLDEN_KIND("anomaly.train_mask_model", run_training);
KIZU_GOLDEN_KIND("anomaly.train_anomaly_model", run_training);

}  // namespace
}  // namespace kizu::golden
