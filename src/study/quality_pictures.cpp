#include "study/quality_pictures.h"

#include <algorithm>
#include <cmath>

#include "image/codec.h"
#include "image/transform.h"
#include "inspection/crop_paste.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::study {
namespace {

namespace fs = std::filesystem;

constexpr int kWholeSide = 256, kAloneSide = 128;

/// Filled by number, by several workers.
PictureList of_size(std::size_t count) {
  PictureList list;
  list.near.resize(count);
  list.whole.resize(count);
  list.whole_masks.resize(count);
  list.piece.resize(count);
  return list;
}

void put(PictureList& list, std::size_t i, const Image& image, const Mask& mask) {
  list.near[i] = quality::neighbourhood({image, mask});
  list.whole[i] = to_01(resize(image, kWholeSide, kWholeSide));
  list.whole_masks[i] = to_tensor(resize(mask, kWholeSide, kWholeSide));
}

Image read_photo(const pipeline::Workspace& workspace, const std::string& file) {
  return read_image(workspace.data / fs::u8path(file));
}

/// The largest square that fits into the photo, anywhere.
Box random_square(const Image& photo, NoiseStream& random) {
  const int side = std::min(photo.width, photo.height);
  const int x = static_cast<int>(random.below(photo.width - side + 1));
  const int y = static_cast<int>(random.below(photo.height - side + 1));
  return {x, y, x + side, y + side};
}

quality::DefectPicture pasted(const quality::DefectPicture& shot, const Image& good, NoiseStream& random) {
  const auto square = crop(good, random_square(good, random));
  const Box box = bounding_box(shot.mask);
  // The same relative place, give or take a tenth of the photo, and never quite at the border.
  const auto place = [&](double from, double to, double size) {
    return std::clamp((from + to) / 2 / size + random.uniform(-0.1, 0.1), 0.1, 0.9) * square.width;
  };
  const inspection::Place where{place(box.x0, box.x1, shot.mask.width),
                                place(box.y0, box.y1, shot.mask.height)};
  const auto image = (to_01(shot.image) * 255).round().to(torch::kUInt8);
  const auto mask = to_tensor(shot.mask).to(torch::kUInt8);
  const auto made = inspection::crop_paste(to_01(square), where, image, mask, {}, random);
  return {from_01(made.image, good.channels, good.depth), to_mask(made.mask)};
}

}  // namespace

std::vector<torch::Tensor> PictureList::alone() const {
  std::vector<torch::Tensor> all;
  for (const auto& picture : near)
    all.push_back(quality::defect_alone(quality::defect_window(picture, kAloneSide)));
  return all;
}

std::vector<torch::Tensor> PictureList::masked() const {
  std::vector<torch::Tensor> all;
  for (std::size_t i = 0; i < whole.size(); i++) all.push_back(whole[i] * whole_masks[i]);
  return all;
}

PictureList real_pictures(const pipeline::Workspace& workspace,
                          const std::vector<dataset::SplitPhoto>& photos, WorkerPool& pool) {
  auto list = of_size(photos.size());
  pool.run(static_cast<int64_t>(photos.size()), [&](int, int64_t i) {
    put(list, i, read_photo(workspace, photos[i].image),
        read_mask(workspace.data / fs::u8path(photos[i].mask)));
    list.piece[i] = photos[i].group;
  });
  return list;
}

PictureList pair_pictures(const pipeline::Workspace& workspace, const std::vector<Json>& records,
                          WorkerPool& pool) {
  auto list = of_size(records.size());
  const auto folder = workspace.step("pairs");
  pool.run(static_cast<int64_t>(records.size()), [&](int, int64_t i) {
    put(list, i, read_image(folder / fs::u8path(records[i].at("image").get<std::string>())),
        read_mask(folder / fs::u8path(records[i].at("mask").get<std::string>())));
  });
  return list;
}

PictureList crop_paste_pictures(const pipeline::Workspace& workspace,
                                const std::vector<dataset::SplitPhoto>& shots,
                                const std::vector<dataset::SplitPhoto>& good, int64_t count, uint64_t seed,
                                WorkerPool& pool) {
  if (shots.empty() || good.empty()) return {};
  auto list = of_size(static_cast<std::size_t>(count));
  pool.run(count, [&](int, int64_t i) {
    NoiseStream random(mix(seed, "crop-paste", i));
    const auto& shot = shots[random.below(static_cast<int64_t>(shots.size()))];
    const auto& photo = good[random.below(static_cast<int64_t>(good.size()))];
    const auto made =
        pasted({read_photo(workspace, shot.image), read_mask(workspace.data / fs::u8path(shot.mask))},
               read_photo(workspace, photo.image), random);
    put(list, i, made.image, made.mask);
  });
  return list;
}

}  // namespace kizu::study
