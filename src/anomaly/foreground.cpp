#include "anomaly/foreground.h"

#include <algorithm>
#include <cmath>

#include "image/masks.h"
#include "image/transform.h"

namespace kizu::anomaly {
namespace {

constexpr int kSide = 128;      // photos are examined at this size
constexpr int kLookSide = 256;  // of a layout's look
constexpr std::size_t kMostPhotos = 16;
constexpr double kLeastSeparation = 0.72;  // share of the variance between part and background (Otsu 1979)
constexpr double kLeastEdge = 2.5;         // how much steeper the outline is than the rest of the picture

using Colours = std::vector<std::array<double, 3>>;

Image shrunk(const Image& photo, int side) {
  const double scale = std::min(1.0, static_cast<double>(side) / std::max(photo.width, photo.height));
  const int width = std::max(1, static_cast<int>(std::lround(photo.width * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(photo.height * scale)));
  return to_8bit(resize(photo, width, height));
}

Image small_copy(const Image& photo) {
  return to_rgb(shrunk(photo, kSide));
}

std::array<double, 3> colour_at(const Image& image, int x, int y) {
  return {static_cast<double>(image.at(x, y, 0)), static_cast<double>(image.at(x, y, 1)),
          static_cast<double>(image.at(x, y, 2))};
}

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::sqrt(
      ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2])) / 3);
}

bool on_border(const Image& image, int x, int y) {
  const int strip = std::max(1, std::min(image.width, image.height) / 32);
  return x < strip || y < strip || x >= image.width - strip || y >= image.height - strip;
}

/// Up to three colours that stand for all: k-means from the median-brightness colour and those farthest away.
Colours typical(const Colours& samples) {
  Colours centers{samples[samples.size() / 2]};
  while (centers.size() < 3) {
    double farthest = 0;
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < samples.size(); i++) {
      double nearest = 1e9;
      for (const auto& center : centers) nearest = std::min(nearest, distance(samples[i], center));
      if (nearest > farthest) farthest = nearest, chosen = i;
    }
    if (farthest < 12) break;
    centers.push_back(samples[chosen]);
  }
  std::vector<double> members(centers.size());
  for (int round = 0; round < 8; round++) {
    Colours sums(centers.size());
    std::fill(members.begin(), members.end(), 0);
    for (const auto& sample : samples) {
      std::size_t best = 0;
      for (std::size_t k = 1; k < centers.size(); k++)
        if (distance(sample, centers[k]) < distance(sample, centers[best])) best = k;
      for (int c = 0; c < 3; c++) sums[best][c] += sample[c];
      members[best]++;
    }
    for (std::size_t k = 0; k < centers.size(); k++)
      for (int c = 0; c < 3 && members[k] > 0; c++) centers[k][c] = sums[k][c] / members[k];
  }
  Colours kept;  // a colour of few border pixels may be the part touching the border
  for (std::size_t k = 0; k < centers.size(); k++)
    if (members[k] >= 0.08 * static_cast<double>(samples.size())) kept.push_back(centers[k]);
  return kept;
}

/// Otsu's threshold on distances 0..255 and the share of the variance that it explains.
std::pair<double, double> otsu(const std::vector<double>& histogram) {
  double total = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < histogram.size(); i++) {
    const auto at = static_cast<double>(i);
    total += histogram[i], sum += at * histogram[i], squares += at * at * histogram[i];
  }
  const double variance = squares / total - sum / total * (sum / total);
  double below = 0, below_sum = 0, best = 0, threshold = 0;
  for (std::size_t i = 0; i + 1 < histogram.size(); i++) {
    below += histogram[i], below_sum += static_cast<double>(i) * histogram[i];
    if (below <= 0 || below >= total) continue;
    const double gap = below_sum / below - (sum - below_sum) / (total - below);
    const double between = below / total * (1 - below / total) * gap * gap;
    if (between > best) best = between, threshold = static_cast<double>(i) + 0.5;
  }
  return {threshold, variance > 0 ? best / variance : 0};
}

/// What no path of unset pixels joins with the border becomes set: holes in the part belong to it.
Mask without_holes(const Mask& mask) {
  Mask outside = Mask::blank(mask.width, mask.height);
  std::vector<std::pair<int, int>> open;
  const auto visit = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= mask.width || y >= mask.height || mask.at(x, y) || outside.at(x, y)) return;
    outside.at(x, y) = 1;
    open.push_back({x, y});
  };
  for (int x = 0; x < mask.width; x++) visit(x, 0), visit(x, mask.height - 1);
  for (int y = 0; y < mask.height; y++) visit(0, y), visit(mask.width - 1, y);
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    visit(x - 1, y), visit(x + 1, y), visit(x, y - 1), visit(x, y + 1);
  }
  for (auto& value : outside.values) value = !value;
  return outside;
}

/// Drops what is smaller than a twentieth of the largest region.
Mask without_specks(const Mask& mask) {
  std::vector<int> labels;
  const auto parts = components(mask, &labels);
  long long largest = 0;
  for (const auto& part : parts) largest = std::max(largest, part.area);
  Mask out = mask;
  for (std::size_t i = 0; i < labels.size(); i++)
    if (labels[i] && parts[labels[i] - 1].area * 20 < largest) out.values[i] = 0;
  return out;
}

/// Mean step of brightness between neighbours that the mask separates, relative to that of all neighbours.
double outline_steepness(const Image& image, const Mask& mask) {
  double outline = 0, outlines = 0, all = 0, count = 0;
  for (int y = 0; y + 1 < image.height; y++)
    for (int x = 0; x + 1 < image.width; x++)
      for (const auto& [u, v] : {std::pair{x + 1, y}, {x, y + 1}}) {
        const double step = distance(colour_at(image, x, y), colour_at(image, u, v));
        all += step, count++;
        if (mask.at(x, y) != mask.at(u, v)) outline += step, outlines++;
      }
  return outlines > 0 && all > 0 ? outline / outlines / (all / count) : 0;
}

/// Share of the photos' variance that their pixel-wise mean keeps: near 1 for a fixed part, 1/n for a
/// surface.
double alignment(const std::vector<Image>& photos) {
  constexpr int kCells = 32;
  std::vector<double> mean(kCells * kCells, 0);
  double own = 0;
  for (const Image& photo : photos) {
    const Image grey = resize(to_grey(photo), kCells, kCells);
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < mean.size(); i++) {
      sum += grey.values[i], squares += static_cast<double>(grey.values[i]) * grey.values[i];
    }
    const double center = sum / static_cast<double>(mean.size());
    for (std::size_t i = 0; i < mean.size(); i++)
      mean[i] += (grey.values[i] - center) / static_cast<double>(photos.size());
    own +=
        (squares / static_cast<double>(mean.size()) - center * center) / static_cast<double>(photos.size());
  }
  double kept = 0;
  for (const double value : mean) kept += value * value / static_cast<double>(mean.size());
  return own > 0 ? kept / own : 0;
}

std::vector<Image> examined(const std::vector<Image>& good) {
  std::vector<Image> photos;
  for (const std::size_t i : PartFinder::looks_at(good.size())) photos.push_back(small_copy(good[i]));
  return photos;
}

}  // namespace

Mask PartFinder::raw_foreground(const Image& small) const {
  Mask mask = Mask::blank(small.width, small.height);
  for (int y = 0; y < small.height; y++)
    for (int x = 0; x < small.width; x++) {
      double nearest = 1e9;
      for (const auto& colour : background_)
        nearest = std::min(nearest, distance(colour_at(small, x, y), colour.mean));
      mask.at(x, y) = nearest > threshold_;
    }
  // One opening removes grain, filling the holes makes the part solid.
  return without_specks(without_holes(dilate(erode(mask, 1), 1)));
}

std::vector<std::size_t> PartFinder::looks_at(std::size_t photos) {
  std::vector<std::size_t> chosen(std::min(kMostPhotos, photos));
  for (std::size_t i = 0; i < chosen.size(); i++) chosen[i] = i * photos / chosen.size();
  return chosen;
}

PartFinder PartFinder::learn(const std::vector<Image>& good) {
  PartFinder finder;
  const auto photos = examined(good);
  if (photos.empty()) return finder;
  finder.arrangement_.aligned = photos.size() >= 3 && alignment(photos) > 0.5;
  if (finder.arrangement_.aligned) finder.shifts_ = PhotoShift::learn(photos);
  Colours border;
  for (const Image& photo : photos)
    for (int y = 0; y < photo.height; y++)
      for (int x = 0; x < photo.width; x++)
        if (on_border(photo, x, y)) border.push_back(colour_at(photo, x, y));
  std::sort(border.begin(), border.end(),
            [](const auto& a, const auto& b) { return a[0] + a[1] + a[2] < b[0] + b[1] + b[2]; });
  for (const auto& colour : typical(border)) finder.background_.push_back({colour});

  std::vector<double> histogram(256, 0);
  for (const Image& photo : photos)
    for (int y = 0; y < photo.height; y++)
      for (int x = 0; x < photo.width; x++) {
        double nearest = 255;
        for (const auto& colour : finder.background_)
          nearest = std::min(nearest, distance(colour_at(photo, x, y), colour.mean));
        histogram[static_cast<std::size_t>(nearest)]++;
      }
  const auto [threshold, separation] = otsu(histogram);
  finder.threshold_ = threshold;
  finder.why_ = "the surface fills the picture, or its background cannot be told: everything is foreground";
  if (separation < kLeastSeparation) return finder;
  std::vector<double> shares, steepness;
  double border_set = 0, border_count = 0;
  for (const Image& photo : photos) {
    const Mask mask = finder.raw_foreground(photo);
    shares.push_back(share_of_photo(mask));
    steepness.push_back(outline_steepness(photo, mask));
    for (int y = 0; y < photo.height; y++)
      for (int x = 0; x < photo.width; x++)
        if (on_border(photo, x, y)) border_count++, border_set += mask.at(x, y);
  }
  std::sort(shares.begin(), shares.end());
  std::sort(steepness.begin(), steepness.end());
  const double least = shares.front(), most = shares.back();
  if (least < 0.03 || most > 0.92 || least < 0.6 * shares[shares.size() / 2]) return finder;
  if (border_set > 0.35 * border_count || steepness[steepness.size() / 2] < kLeastEdge) return finder;
  finder.arrangement_.part = true;
  finder.why_ = "a part on a background of its own colour was found; it covers " +
                std::to_string(static_cast<int>(std::lround(100 * shares[shares.size() / 2]))) +
                " % of the picture";
  return finder;
}

Layout PartFinder::layout(const Image& photo) const {
  Layout layout(foreground(photo));
  const auto [dx, dy] = shifts_.of(photo);
  layout.dx = dx;
  layout.dy = dy;
  if (arrangement_.fixed()) layout.look = to_grey(shrunk(photo, kLookSide));
  return layout;
}

Mask PartFinder::foreground(const Image& photo) const {
  Mask everything = Mask::blank(photo.width, photo.height);
  std::fill(everything.values.begin(), everything.values.end(), std::uint8_t{1});
  if (!arrangement_.part) return everything;
  const Mask small = raw_foreground(small_copy(photo));
  if (area(small) * 50 < static_cast<long long>(small.values.size())) return everything;
  return resize(small, photo.width, photo.height);
}

}  // namespace kizu::anomaly
