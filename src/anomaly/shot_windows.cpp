#include "anomaly/contrast_matching.h"
#include "anomaly/learning.h"
#include "image/transform.h"
#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

constexpr int kInpaintMargin = 9;  // px at a canvas of 256: beyond the reach of an f8 latent pixel

// The window moved and zoomed a little; what the learner sees as another photo of the same defect.
Window jitter(Window window, NoiseStream& random) {
  const double scale = random.uniform(0.85, 1.1);
  const int side = std::max(16, static_cast<int>(window.side * scale));
  const int room = std::max(0, window.side / 8);
  window.x += (window.side - side) / 2 + static_cast<int>(random.below(2 * room + 1)) - room;
  window.y += (window.side - side) / 2 + static_cast<int>(random.below(2 * room + 1)) - room;
  window.side = side;
  return window;
}

torch::Tensor pseudo_normal(const torch::Tensor& flawed, const torch::Tensor& mask) {
  const int canvas = static_cast<int>(flawed.size(2));
  const Mask grown = dilate(to_mask(mask), std::max(3, kInpaintMargin * canvas / 256));
  return to_pm1(inpaint(from_pm1(flawed, 3, 8), grown, 5));
}

torch::Tensor flipped(const torch::Tensor& picture, int64_t variant) {
  auto out = picture;
  if (variant & 1) out = out.flip(2);
  if (variant & 2) out = out.flip(1);
  return out.contiguous();
}

}  // namespace

std::vector<ShotWindow> encode_shots(ldm::CompactModel& model, const std::vector<std::string>& types,
                                     const std::vector<DefectPhoto>& shots, const LearnOptions& options) {
  const torch::NoGradGuard no_grad;
  std::vector<ShotWindow> windows;
  for (size_t type = 0; type < types.size(); type++) {
    int64_t number = 0;
    for (const auto& shot : shots) {
      if (shot.type != types[type]) continue;
      NoiseStream random(mix(options.seed, "shot " + shot.type, number));
      const auto image = to_pm1(shot.image), mask = to_tensor(shot.mask);
      for (const auto& window : choose_windows(shot.mask, options.window)) {
        for (int64_t variant = 0; variant < options.variants; variant++) {
          const auto view = variant == 0 ? window : jitter(window, random);
          const auto defect = flipped(cut_mask(mask, view), variant);
          if (defect.sum().item<double>() == 0) continue;
          const auto flawed = flipped(cut(image, view), variant);
          const auto good = pseudo_normal(flawed, defect);
          windows.push_back({static_cast<int64_t>(type), number,
                             model.autoencoder->encode(flawed.unsqueeze(0))[0],
                             model.autoencoder->encode(good.unsqueeze(0))[0], defect,
                             mean_change(flawed - good, defect) / light_at(good, defect)});
        }
      }
      number++;
    }
  }
  return windows;
}

}  // namespace kizu::anomaly
