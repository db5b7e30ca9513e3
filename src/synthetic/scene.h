#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kizu::synthetic {

/// A surface or part without and with one defect, and the exact mask: what pretraining learns from.
struct Triple {
  torch::Tensor normal;  // [3, S, S] float32 in [-1, 1]
  torch::Tensor flawed;  // [3, S, S], equal to `normal` outside `mask`
  torch::Tensor mask;    // [1, S, S] 0 or 1, never empty
  std::string kind;      // "scratch", "crack", ...
};

/// Names of all defect kinds the generator draws.
const std::vector<std::string>& defect_kinds();

/// A random surface or part: material, lighting, scale, colour drawn from the seed. [3, size, size] in [-1,
/// 1]. About one in three is grey.
torch::Tensor draw_surface(uint64_t seed, int size);

/// A random surface with a random defect on it. Same seed, same bytes.
Triple draw_triple(uint64_t seed, int size);

/// A random defect on any picture [3, H, W] in [-1, 1] (at least 16 px a side): a photo of a good part, or a
/// drawn one. `kind` names one of defect_kinds(); empty draws it from the seed. Where the picture shows a
/// part on a plain background the defect mostly sits on the part. The change inside the mask is at least
/// 6/255 on average.
Triple draw_defect_on(const torch::Tensor& normal, uint64_t seed, const std::string& kind = "");

}  // namespace kizu::synthetic
