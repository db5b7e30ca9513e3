#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/observer.h"

namespace kizu::synthetic {

/// A product of the embedded sample set.
struct Product {
  std::string name;
  int width, height;
  bool grey;
  std::vector<std::string> defects;  // three types
};
/// brushed_plate (grey, 320x256), woven_fabric (256x256), moulded_part (384x384).
const std::vector<Product>& sample_products();

struct Sample {
  torch::Tensor image;  // [3, H, W] float32 in [-1, 1]
  torch::Tensor mask;   // [1, H, W] 0 or 1; all 0 for a good one
};

/// Photo number `index` of a product: `type` is "good" or one of its defects. Photos of one type show the
/// same cause: alike in look, different in place, size and shape. Same arguments, same bytes; every index is
/// another piece, so train and test simply use different indices. Throws Error for an unknown product or
/// type.
Sample draw_sample(const std::string& product, const std::string& type, int index, uint64_t seed);

struct SampleCounts {
  int train_good = 20;
  int test_good = 10;
  int each_defect = 12;
};

/// Writes all products in MVTec AD's layout: folder/<product>/train/good, test/good, test/<type>,
/// ground_truth/<type>/NNN_mask.png. Throws Interrupted when the observer wants to stop; a photo that was
/// begun is then whole or not there.
void write_samples(const std::filesystem::path& folder, uint64_t seed, const SampleCounts& counts,
                   Observer& observer);

}  // namespace kizu::synthetic
