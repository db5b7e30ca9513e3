#include <gtest/gtest.h>

#include <cstdio>
#include <regex>

#include "golden_case.h"
#include "inspection/score_map.h"
#include "metrics/pixel_metrics.h"

namespace kizu::golden {
namespace {

using Value = std::optional<double>;

// The reference's two truths: what is cut to 1 counts for AUROC, AP and F1, everything above 0 for PRO.
std::vector<metrics::ScoredImage> scored_images(const torch::Tensor& scores, const torch::Tensor& masks) {
  std::vector<metrics::ScoredImage> images;
  for (int64_t n = 0; n < scores.size(0); n++) {
    const auto score = scores[n].to(torch::kFloat32).contiguous().flatten();
    const auto mask = masks[n].to(torch::kFloat32).contiguous().flatten();
    metrics::ScoredImage image{
        static_cast<int>(scores.size(2)), static_cast<int>(scores.size(1)), {}, {}, {}};
    const float* s = score.data_ptr<float>();
    const float* m = mask.data_ptr<float>();
    image.scores.assign(s, s + score.numel());
    for (int64_t i = 0; i < mask.numel(); i++) {
      image.mask.push_back(m[i] >= 1);
      image.pro_mask.push_back(m[i] > 0);
    }
    images.push_back(std::move(image));
  }
  return images;
}

metrics::RankingMetrics rank_images(const torch::Tensor& scores, const torch::Tensor& labels) {
  const auto s = scores.to(torch::kFloat64).contiguous();
  const auto l = labels.to(torch::kInt64).contiguous();
  std::vector<metrics::Scored> list;
  for (int64_t i = 0; i < s.numel(); i++)
    list.push_back({s.data_ptr<double>()[i], l.data_ptr<int64_t>()[i] != 0});
  return metrics::rank(list);
}

// Inputs that are not stored: noise by the rule for weights plus a step inside given rectangles.
void inputs_by_rule(const nlohmann::json& rule, torch::Tensor& scores, torch::Tensor& masks) {
  static const std::regex pattern(
      R"(rule_fill\('([^']*)', \[(\d+), ?(\d+), ?(\d+)\], seed=(\d+), offset=([-.\d]+), scale=([-.\d]+)\)\))"
      R"( \+ float32\(([-.\d]+)\) \* mask.*)");
  const auto text = rule.at("scores").get<std::string>();
  std::smatch part;
  const auto start = text.find("rule_fill");
  ASSERT_NE(start, std::string::npos) << text;
  const std::string call = text.substr(start);
  ASSERT_TRUE(std::regex_match(call, part, pattern)) << text;
  const std::vector<int64_t> shape{std::stoll(part[2]), std::stoll(part[3]), std::stoll(part[4])};
  masks = torch::zeros(shape);
  for (const auto& r : rule.at("rectangles")) {
    using torch::indexing::Slice;
    masks.index_put_({r[0].get<int64_t>(), Slice(r[1].get<int64_t>(), r[2].get<int64_t>()),
                      Slice(r[3].get<int64_t>(), r[4].get<int64_t>())},
                     1.0);
  }
  const auto noise =
      fill_by_rule(part[1], shape, std::stoull(part[5]), std::stod(part[6]), std::stod(part[7]));
  scores = noise + masks * std::stof(part[8]);
}

// "au_pro_limit_0.05" and "au_pro_thresholds_20" vary one setting of the case.
Value au_pro(metrics::PixelEvaluation& evaluation, const std::string& name, const nlohmann::json& config) {
  metrics::ProOptions options{config.at("integration_limit"), config.at("num_thresholds")};
  const std::string limit = "au_pro_limit_", thresholds = "au_pro_thresholds_";
  if (name.rfind(limit, 0) == 0) options.fpr_limit = std::stod(name.substr(limit.size()));
  if (name.rfind(thresholds, 0) == 0) options.thresholds = std::stoi(name.substr(thresholds.size()));
  return evaluation.finish(options).au_pro;
}

torch::Tensor column(const std::vector<metrics::Point>& curve, double metrics::Point::*member) {
  std::vector<double> values;
  for (const auto& point : curve) values.push_back(point.*member);
  return torch::tensor(values, torch::kFloat64);
}

void run_metrics(Case& c) {
  torch::Tensor scores, masks;
  if (c.json().contains("inputs_by_rule")) {
    inputs_by_rule(c.json().at("inputs_by_rule"), scores, masks);
  } else {
    scores = c.tensor("scores");
    masks = c.tensor("masks");
  }
  ASSERT_TRUE(scores.defined());
  metrics::PixelEvaluation evaluation;
  for (const auto& image : scored_images(scores, masks)) evaluation.add(image);
  const auto& config = c.config();
  const auto pixel = evaluation.finish({config.at("integration_limit"), config.at("num_thresholds")});
  const auto image = rank_images(c.tensor("image_scores"), c.tensor("image_labels"));
  EXPECT_EQ(pixel.regions, config.at("regions").get<uint32_t>()) << c.name();
  const std::map<std::string, Value> known{{"pixel_auroc", pixel.ranking.auroc},
                                           {"pixel_ap", pixel.ranking.ap},
                                           {"pixel_f1_max_exact", pixel.ranking.f1_max},
                                           {"pixel_f1_max_sweep", pixel.f1_max_sweep},
                                           {"image_auroc", image.auroc},
                                           {"image_ap", image.ap},
                                           {"image_f1_max", image.f1_max}};
  const auto ours = [&](const std::string& name) {
    return known.count(name) ? known.at(name) : au_pro(evaluation, name, config);
  };
  for (const auto& [name, value] : c.json().at("expected").items()) {
    const auto mine = ours(name);
    ASSERT_TRUE(mine) << c.name() << " " << name;
    EXPECT_NEAR(*mine, value.get<double>(), c.json().at("expected_atol").get<double>())
        << c.name() << " " << name;
  }
  const auto undefined = c.json().value("the_reference_fails_or_is_undefined", nlohmann::json::object());
  for (const auto& [name, why] : undefined.items()) EXPECT_FALSE(ours(name)) << c.name() << " " << name;
  if (c.has("pro_curve_fpr")) {
    c.compare("pro_curve_fpr", column(pixel.pro, &metrics::Point::x));
    c.compare("pro_curve_pro", column(pixel.pro, &metrics::Point::y));
  }
}
KIZU_GOLDEN_KIND("metrics", run_metrics);

std::string percent(double value) {
  char text[32];
  std::snprintf(text, sizeof text, ",%.1f", 100 * value);
  return text;
}

void run_test_program(Case& c) {
  const auto maps = inspection::pixel_scores(c.tensor("logits"));
  const auto masks = c.tensor("masks");
  const auto labels = masks.flatten(1).amax(1) > 0;
  const auto image = rank_images(inspection::reference_image_scores(maps), labels);
  const auto pixel = metrics::evaluate_pixels(scored_images(maps, masks), {0.3, 100});
  const std::map<std::string, Value> ours{{"image_auroc", image.auroc},
                                          {"image_ap", image.ap},
                                          {"image_f1_max", image.f1_max},
                                          {"pixel_ap", pixel.ranking.ap},
                                          {"pixel_auroc", pixel.ranking.auroc},
                                          {"au_pro", pixel.au_pro},
                                          {"pixel_f1_max_sweep", pixel.f1_max_sweep}};
  const auto& expected = c.json().at("expected");
  for (const auto& [name, value] : expected.at("values").items()) {
    ASSERT_TRUE(ours.count(name) && ours.at(name)) << name;
    EXPECT_NEAR(*ours.at(name), value.get<double>(), c.json().at("expected_atol").get<double>()) << name;
  }
  std::string row;
  for (const char* name : {"image_auroc", "image_ap", "image_f1_max", "pixel_auroc", "pixel_ap",
                           "pixel_f1_max_sweep", "au_pro"}) {
    row += percent(*ours.at(name));
  }
  const auto csv = expected.at("result.csv").get<std::string>();
  EXPECT_NE(csv.find(row + "\n"), std::string::npos) << csv << row;
}
KIZU_GOLDEN_KIND("metrics.test_program", run_test_program);

}  // namespace
}  // namespace kizu::golden
