#include <gtest/gtest.h>

#include "anomaly/augmentation.h"
#include "dataset/thirds.h"
#include "golden_case.h"
#include "image/codec.h"
#include "tensor/reference_input.h"

namespace kizu::golden {
namespace {

Image picture(const Case& c, const std::string& name) {
  return read_image(c.folder() / (name + ".png"));
}

/// The file's name in an output such as test_image_0 or mask_1_as_label.
std::string without(std::string text, const std::string& prefix, const std::string& suffix = "") {
  if (text.rfind(prefix, 0) == 0) text = text.substr(prefix.size());
  const auto at = text.size() - suffix.size();
  if (!suffix.empty() && text.size() > suffix.size() && text.compare(at, suffix.size(), suffix) == 0)
    text = text.substr(0, at);
  return text;
}

void run_diffusion_input(Case& c) {
  const int side = c.config().at("size");
  for (const auto& output : c.names("output")) {
    if (output.rfind("mask_", 0) == 0 && output.find("as_image") == std::string::npos) {
      c.compare(output, diffusion_mask(picture(c, output), side)[0]);
    } else {
      const auto as_image = output.find("_as_image");
      const auto file =
          as_image == std::string::npos ? output : output.substr(0, as_image) + output.substr(as_image + 9);
      c.compare(output, diffusion_photo(picture(c, file), side).permute({1, 2, 0}));
    }
  }
}
KIZU_GOLDEN_KIND("preprocess.diffusion_input", run_diffusion_input);

void run_localization_input(Case& c) {
  const int side = c.config().at("resize").at(0);
  for (const auto& output : c.names("output")) {
    if (output.rfind("test_", 0) == 0) {
      const auto file = without(output, "test_", "_as_label");
      const auto value = localizer_test_input(picture(c, file), side);
      c.compare(output, file.size() + 5 == output.size() ? value : value.to(torch::kUInt8));
      continue;
    }
    auto value = localizer_training_input(picture(c, without(output, "train_")), side);
    if (output.rfind("train_mask_", 0) == 0) {
      value = value > 0.5;
      // Where the exact value is one half, rounding decides.
      if (c.has(output + "_decided"))
        value = torch::where(c.tensor(output + "_decided"), value, c.tensor(output).to(torch::kBool));
    }
    c.compare(output, value);
  }
}
KIZU_GOLDEN_KIND("preprocess.localization_input", run_localization_input);

torch::Tensor bytes_of(const Image& image) {
  auto out = torch::empty({image.height, image.width, 3}, torch::kUInt8);
  for (size_t i = 0; i < image.values.size(); i++)
    out.data_ptr<uint8_t>()[i] = static_cast<uint8_t>(image.values[i]);
  return out;
}

void run_save_image(Case& c) {
  c.compare("bytes", bytes_of(saved_picture((c.tensor("x") + 1) / 2)).select(2, 0));
  c.compare("pair_bytes", bytes_of(saved_picture(c.tensor("pair"))));
}
KIZU_GOLDEN_KIND("preprocess.save_image", run_save_image);

void run_splits(Case& c) {
  for (const auto& [count, expected] : c.json().at("expected").items()) {
    const int n = std::stoi(count);
    const auto division = dataset::thirds(n, true);
    const std::map<std::string, std::vector<int>> ours = {{"anomaly_model_train", division.anomalies},
                                                          {"anomaly_model_validation", division.validation},
                                                          {"mask_model_train", division.masks},
                                                          {"localization_test", division.test},
                                                          {"classification_test", division.test}};
    for (const auto& [what, indices] : ours)
      EXPECT_EQ(expected.at(what).get<std::vector<int>>(), indices) << what << " of " << n;
    EXPECT_EQ(expected.at("localization_test_good").size(), static_cast<size_t>(n));
    EXPECT_EQ(division.overlap(), 1);
  }
}
KIZU_GOLDEN_KIND("preprocess.splits", run_splits);

/// Hands out the draws of a case in their order and checks that the right ones are asked for.
anomaly::AugmentationDraws given_draws(const nlohmann::json& draws, size_t& next) {
  return {[&draws, &next]() -> double {
            const auto& draw = draws.at(next++);
            EXPECT_EQ(draw.at(0), "random");
            return draw.at(1);
          },
          [&draws, &next](int64_t low, int64_t high) -> int64_t {
            const auto& draw = draws.at(next++);
            EXPECT_EQ(draw.at(0), "randint");
            EXPECT_EQ(draw.at(1), low) << "draw " << next - 1;
            EXPECT_EQ(draw.at(2), high) << "draw " << next - 1;
            return draw.at(3);
          }};
}

void run_augmentation(Case& c) {
  const auto& draws = c.json().at("draws");
  size_t next = 0;
  const int64_t side = c.tensor("image_every_4th").size(2) * 4;
  const auto out =
      anomaly::augment_as_published(c.tensor("image"), c.as_float("mask"), side, given_draws(draws, next));
  EXPECT_EQ(next, draws.size());
  const auto every_4th = [](const torch::Tensor& x) {
    return x.slice(2, 0, x.size(2), 4).slice(3, 0, x.size(3), 4);
  };
  c.compare("image_every_4th", every_4th(out.images));
  c.compare("mask_out_every_4th", every_4th(out.masks));
}
KIZU_GOLDEN_KIND("preprocess.augmentation", run_augmentation);

}  // namespace
}  // namespace kizu::golden
