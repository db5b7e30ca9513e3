#include "inspection/samples.h"

#include <cmath>

#include "core/error.h"
#include "inspection/perlin.h"

namespace kizu::inspection {
namespace {

const Example& any_of(const std::vector<Example>& pool, NoiseStream& random) {
  return pool[random.below(static_cast<int64_t>(pool.size()))];
}

Place anywhere_in(const Example& photo, NoiseStream& random) {
  return {random.uniform() * static_cast<double>(photo.image.size(2)),
          random.uniform() * static_cast<double>(photo.image.size(1))};
}

Window window_on(const Example& photo, Place target, const SampleOptions& options, NoiseStream& random) {
  return window_around(target, photo.image.size(1), photo.image.size(2), options.crop, options.augmentation,
                       random);
}

Sample seen_through(const Example& photo, const Window& window) {
  return {look(photo.image, window, Beyond::kBorder, true),
          (look(photo.mask, window, Beyond::kBorder, false) > 0.5).to(torch::kFloat32)};
}

Window window_of(const Example& photo, const SampleOptions& options, NoiseStream& random) {
  const bool aim = photo.mask.any().item<bool>() && random.chance(options.aimed);
  const Place target = aim ? random_pixel_of(photo.mask, random) : anywhere_in(photo, random);
  return window_on(photo, target, options, random);
}

Sample from_photo(const Example& photo, const SampleOptions& options, NoiseStream& random) {
  return seen_through(photo, window_of(photo, options, random));
}

Sample from_pair(const Example& pair, const SampleOptions& options, NoiseStream& random) {
  const auto window = window_of(pair, options, random);
  const auto seen = seen_through(pair, window);
  if (options.turned <= 0 || !random.chance(options.turned)) return seen;
  return turned_in_place(seen, window, pair.image, pair.mask, options.paste, random);
}

// Anywhere, or where the shot had its defect, give or take the allowed shift.
Place paste_place(const Example& good, const Example& shot, const SampleOptions& options,
                  NoiseStream& random) {
  if (options.paste_shift >= 1) return anywhere_in(good, random);
  const Place defect = random_pixel_of(shot.mask, random);
  const auto along = [&](double at, int64_t from, int64_t to) {
    const double share =
        at / static_cast<double>(from) + random.uniform(-options.paste_shift, options.paste_shift);
    return std::clamp(share, 0.02, 0.98) * static_cast<double>(to);
  };
  const double x = along(defect.x, shot.image.size(2), good.image.size(2));
  return {x, along(defect.y, shot.image.size(1), good.image.size(1))};
}

Sample pasted(const TrainingSet& set, const std::vector<Example>& donors, const SampleOptions& options,
              Blend blend, NoiseStream& random) {
  const Example& good = any_of(set.good, random);
  const Example& shot = any_of(donors, random);
  const Place place = paste_place(good, shot, options, random);
  const Window window = window_on(good, place, options, random);
  Place where = window.in_window(place);
  const auto side = static_cast<double>(options.crop);
  where = {std::clamp(where.x, 1.0, side - 1), std::clamp(where.y, 1.0, side - 1)};
  const auto photo = look(good.image, window, Beyond::kBorder, true);
  auto paste = options.paste;
  paste.blend = blend;
  return crop_paste(photo, where, shot.image, shot.mask, paste, random);
}

Sample perlin(const TrainingSet& set, const SampleOptions& options, NoiseStream& random) {
  const Example& good = any_of(set.good, random);
  const Example& other = any_of(set.good, random);
  const auto photo =
      look(good.image, window_on(good, anywhere_in(good, random), options, random), Beyond::kBorder, true);
  const auto texture =
      look(other.image, window_on(other, anywhere_in(other, random), options, random), Beyond::kBorder, true);
  double area = 0;
  if (options.perlin_as_shots && !set.shots.empty()) {
    const auto pixels = any_of(set.shots, random).mask.sum().item<double>();
    area = std::min(
        0.5, pixels / static_cast<double>(options.crop * options.crop) * std::exp2(random.uniform(-1, 1)));
  }
  return perlin_defect(photo, texture, area, random);
}

// Light and exposure of the whole picture.
torch::Tensor relit(const torch::Tensor& image, const Augmentation& allowed, NoiseStream& random) {
  const double contrast = 1 + random.uniform(-allowed.contrast, allowed.contrast);
  const double brightness = random.uniform(-allowed.brightness, allowed.brightness);
  return ((image - 0.5) * contrast + (0.5 + brightness)).clamp(0, 1);
}

// Along one side of the window, what lies beyond the part: a strip of one grey, its edge a little aslant. It
// is no defect and hides what was there, but never the whole of a defect.
void add_margin(Sample& sample, const Augmentation& allowed, NoiseStream& random) {
  const int64_t side = sample.image.size(2);
  const double deepest = allowed.deepest_margin * static_cast<double>(side);
  const double from = random.uniform(0, deepest), to = random.uniform(0, deepest);
  const double grey = random.chance(0.7) ? random.uniform(0, 0.2) : random.uniform();  // mostly dark
  const auto depth = torch::linspace(from, to, side).unsqueeze(0);                     // [1, S] px
  const auto distance = (torch::arange(side, torch::kFloat32) + 0.5).unsqueeze(1);     // [S, 1] px
  auto share = (depth - distance + 0.5).clamp(0, 1);  // of the strip, at each pixel
  if (random.chance(0.5)) share = share.flip(0);
  if (random.chance(0.5)) share = share.t();
  const auto left = sample.mask * (share < 0.5);
  if (sample.mask.any().item<bool>() && !left.any().item<bool>()) return;
  const auto strip = (grey + 0.02 * random.normal({1, side, side})).expand_as(sample.image);
  sample.image = torch::lerp(sample.image, strip, share.unsqueeze(0)).clamp(0, 1);
  sample.mask = left;
}

}  // namespace

std::pair<int64_t, int64_t> working_size(int64_t height, int64_t width, int64_t work_size) {
  const int64_t shorter = std::min(height, width);
  if (shorter <= work_size) return {height, width};
  const auto scaled = [&](int64_t side) {
    return static_cast<int64_t>(std::lround(static_cast<double>(side) * static_cast<double>(work_size) /
                                            static_cast<double>(shorter)));
  };
  return {scaled(height), scaled(width)};
}

torch::Tensor at_working_size(const torch::Tensor& image_01, int64_t work_size) {
  const auto [height, width] = working_size(image_01.size(1), image_01.size(2), work_size);
  if (height == image_01.size(1) && width == image_01.size(2)) return image_01;
  return at::_upsample_bilinear2d_aa(image_01.unsqueeze(0), {height, width}, /*align_corners=*/false)[0];
}

Example make_example(const torch::Tensor& image_01, const torch::Tensor& mask, int64_t work_size) {
  Example example;
  const auto scaled = at_working_size(image_01, work_size);
  example.image = scaled.clamp(0, 1).mul(255).round().to(torch::kUInt8);
  example.mask = torch::zeros({1, scaled.size(1), scaled.size(2)}, torch::kUInt8);
  if (mask.defined()) {
    const auto covered = at_working_size(mask.to(torch::kFloat32), work_size);
    const double most = covered.max().item<double>();
    if (most > 0) example.mask = (covered >= std::min(0.5, most)).to(torch::kUInt8);
  }
  return example;
}

void check_pools(const TrainingSet& set, const Mix& mix) {
  const auto need = [&](Source source, bool there, const char* what) {
    if (mix.weight(source) > 0 && !there) {
      throw Error(std::string("the mix draws from ") + name_of(source) + ", but there are no " + what +
                  "; give some or set its weight to 0");
    }
  };
  need(Source::kGood, !set.good.empty(), "good photos");
  need(Source::kPairs, !set.pairs.empty(), "generated pairs");
  need(Source::kShots, !set.shots.empty(), "real shots");
  need(Source::kCropPaste, !set.good.empty() && !set.shots.empty(), "good photos or no real shots");
  need(Source::kCropPastePoisson, !set.good.empty() && !set.shots.empty(), "good photos or no real shots");
  need(Source::kPairPaste, !set.good.empty() && !set.pairs.empty(), "good photos or no generated pairs");
  need(Source::kPerlin, !set.good.empty(), "good photos");
  for (const auto& shot : set.shots) {
    if (!shot.mask.any().item<bool>())
      throw Error("a real shot has an empty mask; draw it or leave the photo out");
  }
}

Sample draw_sample(const TrainingSet& set, const Mix& mix, const SampleOptions& options, uint64_t seed) {
  NoiseStream random(seed);
  Sample sample;
  switch (mix.draw(random.uniform())) {
    case Source::kGood:
      sample = from_photo(any_of(set.good, random), options, random);
      break;
    case Source::kPairs:
      sample = from_pair(any_of(set.pairs, random), options, random);
      break;
    case Source::kShots:
      sample = from_photo(any_of(set.shots, random), options, random);
      break;
    case Source::kCropPaste:
      sample = pasted(set, set.shots, options, Blend::kFeather, random);
      break;
    case Source::kCropPastePoisson:
      sample = pasted(set, set.shots, options, Blend::kPoisson, random);
      break;
    case Source::kPerlin:
      sample = perlin(set, options, random);
      break;
    case Source::kPairPaste:
      sample = pasted(set, set.pairs, options, Blend::kFeather, random);
      break;
  }
  sample.image = relit(sample.image, options.augmentation, random);
  if (random.chance(options.augmentation.margin)) add_margin(sample, options.augmentation, random);
  return sample;
}

Sample draw_batch(const TrainingSet& set, const Mix& mix, const SampleOptions& options, uint64_t seed,
                  int64_t first, int64_t count) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> images, masks;
  for (int64_t i = first; i < first + count; i++) {
    const auto sample = draw_sample(set, mix, options, kizu::mix(seed, "sample", i));
    images.push_back(sample.image);
    masks.push_back(sample.mask);
  }
  return {torch::stack(images), torch::stack(masks)};
}

}  // namespace kizu::inspection
