#include "inspection/detect.h"

#include <algorithm>

#include "inspection/samples.h"
#include "inspection/score_map.h"
#include "tensor/sharded.h"

namespace kizu::inspection {
namespace {

/// How photos are cut. Smaller tiles than 128 px would leave gaps, for they start at whole cells.
struct Tiling {
  explicit Tiling(int64_t window)
      : side(std::clamp<int64_t>(whole_cells(window), 128, 512)), overlap(side / 4) {}
  int64_t side, overlap;
};

struct Tile {
  std::size_t photo = 0;
  int64_t y = 0, x = 0, height = 0, width = 0;
};

struct Stretch {
  int64_t start = 0, length = 0;
};

// Cuts that cover `extent`, overlapping by about a quarter. They start where the networks' coarsest cells do,
// so that a tile sees the same cells as the whole photo.
std::vector<Stretch> cuts(int64_t extent, const Tiling& tiling) {
  if (extent <= tiling.side) return {{0, extent}};
  const int64_t step = tiling.side - tiling.overlap;
  const int64_t count = (extent - tiling.overlap + step - 1) / step;
  std::vector<Stretch> all;
  for (int64_t i = 0; i < count; i++) {
    const int64_t start = i * (extent - tiling.side) / (count - 1) / kCoarsestCell * kCoarsestCell;
    all.push_back({start, i + 1 == count ? extent - start : tiling.side});
  }
  return all;
}

std::vector<Tile> tiles_of(const std::vector<torch::Tensor>& images, const Tiling& tiling) {
  std::vector<Tile> tiles;
  for (std::size_t n = 0; n < images.size(); n++) {
    for (const auto& rows : cuts(images[n].size(1), tiling)) {
      for (const auto& columns : cuts(images[n].size(2), tiling)) {
        tiles.push_back({n, rows.start, columns.start, rows.length, columns.length});
      }
    }
  }
  return tiles;
}

// Rises from a small value at the edge of a tile to 1 at `overlap` pixels inside.
torch::Tensor ramp(int64_t extent, int64_t overlap) {
  const auto inside = torch::arange(extent, torch::kFloat32) + 1;
  return torch::minimum(inside, inside.flip(0)).div(overlap).clamp_max(1);
}

// Along which of a map's sides each view is mirrored.
std::vector<std::vector<int64_t>> mirrors(Views views) {
  if (views == Views::kOne) return {{}};
  return {{}, {-1}, {-2}, {-2, -1}};
}

// The map of a photo from those of its tiles, `first` to before `last`.
torch::Tensor blended(const std::vector<Tile>& tiles, const std::vector<torch::Tensor>& maps,
                      std::size_t first, std::size_t last, int64_t height, int64_t width, int64_t overlap) {
  if (last - first == 1) return maps[first];
  auto sum = torch::zeros({height, width}), weights = torch::zeros({height, width});
  for (std::size_t i = first; i < last; i++) {
    const auto& tile = tiles[i];
    const auto weight = torch::outer(ramp(tile.height, overlap), ramp(tile.width, overlap));
    const auto part = [&](torch::Tensor& whole) {
      return whole.slice(0, tile.y, tile.y + tile.height).slice(1, tile.x, tile.x + tile.width);
    };
    part(sum).add_(maps[i] * weight);
    part(weights).add_(weight);
  }
  return sum / weights;
}

}  // namespace

std::vector<torch::Tensor> heat_maps(const std::vector<std::shared_ptr<Localizer>>& nets, WorkerPool& pool,
                                     const std::vector<torch::Tensor>& images_01, Views views,
                                     int64_t window) {
  const Tiling tiling(window);
  const auto tiles = tiles_of(images_01, tiling);
  const auto sides = mirrors(views);
  const std::size_t looks = sides.size();
  std::vector<torch::Tensor> seen(tiles.size() * looks);
  pool.run(static_cast<int64_t>(seen.size()), [&](int worker, int64_t i) {
    const torch::NoGradGuard no_grad;
    const auto& tile = tiles[i / looks];
    const auto& mirrored = sides[i % looks];
    const auto part =
        images_01[tile.photo].slice(1, tile.y, tile.y + tile.height).slice(2, tile.x, tile.x + tile.width);
    const auto view = part.flip(mirrored).unsqueeze(0).contiguous();
    seen[i] = pixel_scores(nets[worker]->forward(view))[0].flip(mirrored).contiguous();
  });
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> maps;
  for (std::size_t i = 0; i < seen.size(); i += looks) {
    auto map = seen[i];
    for (std::size_t view = 1; view < looks; view++) map = map + seen[i + view];
    maps.push_back(looks == 1 ? map : map / static_cast<double>(looks));
  }
  std::vector<torch::Tensor> heats;
  for (std::size_t n = 0, first = 0; n < images_01.size(); n++) {
    auto last = first;
    while (last < tiles.size() && tiles[last].photo == n) last++;
    heats.push_back(
        blended(tiles, maps, first, last, images_01[n].size(1), images_01[n].size(2), tiling.overlap));
    first = last;
  }
  return heats;
}

Detector::Detector(const std::filesystem::path& file, int workers, std::optional<Views> views)
    : pool_(workers) {
  const auto net = load_localizer(file, info_);
  views_ = views.value_or(info_.views);
  nets_ = replicas<Localizer>(net, pool_.size(), [&] { return make_localizer(info_.config, 0); });
}

Detection Detector::detect(const torch::Tensor& image_01) {
  return detect(std::vector{image_01})[0];
}

std::vector<Detection> Detector::detect(const std::vector<torch::Tensor>& images_01) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> scaled;
  for (const auto& image : images_01) scaled.push_back(at_working_size(image, info_.work_size));
  const auto heats = heat_maps(nets_, pool_, scaled, views_, info_.window);
  std::vector<Detection> found;
  for (std::size_t n = 0; n < heats.size(); n++) {
    const auto heat = heats[n].unsqueeze(0);
    const std::vector<int64_t> size{images_01[n].size(1), images_01[n].size(2)};
    const bool same = heats[n].sizes() == size;
    const auto full = same ? heats[n] : torch::upsample_bilinear2d(heat.unsqueeze(0), size, false)[0][0];
    found.push_back({full, image_scores(heat).item<double>()});
  }
  return found;
}

}  // namespace kizu::inspection
