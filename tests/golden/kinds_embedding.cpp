#include "anomaly/spatial_encoder.h"
#include "anomaly/token_splice.h"
#include "golden_case.h"

namespace kizu::golden {
namespace {

/// Compares the batch norms' statistics that the case has, named after_train.<name>.
void compare_statistics(Case& c, const torch::nn::Module& module) {
  const std::string prefix = "after_train.";
  const auto state = state_of(module);
  for (const auto& output : c.names("output"))
    if (output.rfind(prefix, 0) == 0) c.compare(output, state.at(output.substr(prefix.size())));
}

void run_bottleneck_ir(Case& c) {
  const torch::NoGradGuard no_grad;
  const auto& config = c.config();
  anomaly::BottleneckIr unit(config.at("in_channel"), config.at("depth"), config.at("stride"));
  c.load(*unit);
  unit->eval();
  c.compare("out_eval", unit(c.tensor("x")));
  unit->train();
  c.compare("out_train", unit(c.tensor("x")));
  compare_statistics(c, *unit);
}
KIZU_GOLDEN_KIND("anomaly.bottleneck_ir", run_bottleneck_ir);

void run_gradual_style_block(Case& c) {
  const torch::NoGradGuard no_grad;
  const int64_t out = c.config().at("out_c");
  anomaly::GradualStyleBlock block(c.config().at("in_c"), out, out, c.config().at("spatial"));
  c.load(*block);
  c.compare("out", block(c.tensor("x")));
}
KIZU_GOLDEN_KIND("anomaly.gradual_style_block", run_gradual_style_block);

void run_spatial_encoder(Case& c) {
  const torch::NoGradGuard no_grad;
  if (c.config().at("num_layers") != 50 || c.config().at("mode") != "ir")
    throw std::runtime_error("only the trunk IR-50 is supported");
  anomaly::SpatialEncoderConfig config;
  config.tokens = c.config().at("text_num");
  config.side = c.tensor("mask").size(2);
  anomaly::GradualStyleEncoder encoder(config);
  c.load(*encoder, "weights", "spatial.");
  const auto mask = c.as_float("mask");
  c.compare("out_eval", anomaly::spatial_tokens(encoder, false)(mask));
  c.compare("out_train", anomaly::spatial_tokens(encoder, true)(mask));
  compare_statistics(c, *encoder);
}
KIZU_GOLDEN_KIND("anomaly.spatial_encoder", run_spatial_encoder);

void compare_spliced(Case& c, const anomaly::Spliced& spliced) {
  c.compare("embedded_out", spliced.embedded);
  c.compare("ids_out", spliced.ids);
  if (c.has("position")) c.compare("position", spliced.ranges);
}

void run_insert_mask_model(Case& c) {
  const auto ids = c.tensor("ids"), learned = c.tensor("placeholder_embedding");
  compare_spliced(
      c, anomaly::splice_tokens(ids, c.tensor("embedded"), learned.unsqueeze(0).expand({ids.size(0), -1, -1}),
                                c.config().at("token_id")));
  const std::string word = c.config().at("initializer_words").at(0);
  c.compare("initial_embedding", anomaly::repeated_token(c.tensor("token_embedding_row_of_" + word),
                                                         c.config().at("num_vectors_per_token")));
}
KIZU_GOLDEN_KIND("anomaly.insert_mask_model", run_insert_mask_model);

void run_insert_anomaly_model(Case& c) {
  const auto inserted = torch::cat({c.tensor("anomaly_embedding"), c.tensor("spatial_embedding")}, 1);
  compare_spliced(
      c, anomaly::splice_tokens(c.tensor("ids"), c.tensor("embedded"), inserted, c.config().at("token_id")));
}
KIZU_GOLDEN_KIND("anomaly.insert_anomaly_model", run_insert_anomaly_model);

}  // namespace
}  // namespace kizu::golden
