#include "report/pictures.h"

#include <algorithm>
#include <cmath>

#include "image/codec.h"
#include "image/transform.h"
#include "report/html.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

constexpr int kQuality = 80;

/// Anchors of the heat colours from score 0 to 1: dark violet to pale yellow (after matplotlib's "magma").
constexpr int kHeat[][3] = {{59, 15, 112}, {140, 41, 129}, {222, 73, 104}, {254, 159, 109}, {252, 253, 191}};

double heat_colour(double score, int channel) {
  const double at = std::clamp(score, 0.0, 1.0) * 4;
  const int below = std::min(static_cast<int>(at), 3);
  return kHeat[below][channel] + (at - below) * (kHeat[below + 1][channel] - kHeat[below][channel]);
}

}  // namespace

std::string to_html(const Pane& pane, bool lossless) {
  const std::string width = std::to_string(pane.picture.width), height = std::to_string(pane.picture.height);
  const std::string uri = lossless ? data_uri("image/png", encode_png(pane.picture))
                                   : data_uri("image/jpeg", encode_jpeg(pane.picture, kQuality));
  std::string out = "<span class=\"pane\"><span class=\"frame\"><img width=\"" + width + "\" height=\"" +
                    height + "\" alt=\"" + escape(pane.alt) + "\" src=\"" + uri + "\">";
  if (!pane.drawing.empty())
    out +=
        "<svg viewBox=\"0 0 " + width + " " + height + "\" aria-hidden=\"true\">" + pane.drawing + "</svg>";
  out += "</span>";
  if (!pane.label.empty()) out += "<small>" + pane.label + "</small>";
  return out + "</span>";
}

Box surroundings(const Mask& mask, double times, int least) {
  const Box box = bounding_box(mask);
  if (box.empty()) return {0, 0, mask.width, mask.height};
  const int extent = std::max(box.width(), box.height());
  const int side = std::max(least, static_cast<int>(std::lround(times * extent)));
  const int width = std::min(side, mask.width), height = std::min(side, mask.height);
  const int x = std::clamp((box.x0 + box.x1 - width) / 2, 0, mask.width - width);
  const int y = std::clamp((box.y0 + box.y1 - height) / 2, 0, mask.height - height);
  return {x, y, x + width, y + height};
}

Image scaled(const Image& image, int side) {
  const double scale = static_cast<double>(side) / std::max(image.width, image.height);
  return to_8bit(resize(image, std::max(1, static_cast<int>(std::lround(image.width * scale))),
                        std::max(1, static_cast<int>(std::lround(image.height * scale)))));
}

std::string outline(const Mask& mask, int width, int height) {
  // A mask finer than the picture shows nothing more, and would make a long path.
  const bool finer = mask.width > width;
  const Mask at = finer ? resize(mask, width, height, 0.5) : mask;
  const double sx = static_cast<double>(width) / at.width, sy = static_cast<double>(height) / at.height;
  const auto set = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < at.width && y < at.height && at.at(x, y) != 0;
  };
  std::string d;
  for (int y = 0; y <= at.height; y++)
    for (int x = 0; x < at.width; x++) {
      if (set(x, y) == set(x, y - 1)) continue;
      const int begin = x;
      while (x + 1 < at.width && set(x + 1, y) != set(x + 1, y - 1)) x++;
      d += "M" + coordinate(begin * sx) + " " + coordinate(y * sy) + "H" + coordinate((x + 1) * sx);
    }
  for (int x = 0; x <= at.width; x++)
    for (int y = 0; y < at.height; y++) {
      if (set(x, y) == set(x - 1, y)) continue;
      const int begin = y;
      while (y + 1 < at.height && set(x, y + 1) != set(x - 1, y + 1)) y++;
      d += "M" + coordinate(x * sx) + " " + coordinate(begin * sy) + "V" + coordinate((y + 1) * sy);
    }
  return d.empty() ? "" : "<path class=\"halo\" d=\"" + d + "\"/><path class=\"outline\" d=\"" + d + "\"/>";
}

std::string frame(const Box& box, const Image& from, int width, int height) {
  const double sx = static_cast<double>(width) / from.width, sy = static_cast<double>(height) / from.height;
  const std::string rect = "x=\"" + coordinate(box.x0 * sx) + "\" y=\"" + coordinate(box.y0 * sy) +
                           "\" width=\"" + coordinate(box.width() * sx) + "\" height=\"" +
                           coordinate(box.height() * sy) + "\"/>";
  return "<rect class=\"halo\" " + rect + "<rect class=\"box\" " + rect;
}

Image heat(const Image& photo, const Image& map) {
  Image out = to_rgb(to_grey(to_8bit(photo)));
  const Image scores = resize(to_grey(to_8bit(map)), out.width, out.height);
  for (std::size_t i = 0; i < scores.values.size(); i++) {
    const double score = scores.values[i] / 255.0, cover = std::min(0.85, 2.5 * score);
    for (int c = 0; c < 3; c++) {
      std::uint16_t& value = out.values[3 * i + c];
      value = static_cast<std::uint16_t>(std::lround(value * (1 - cover) + heat_colour(score, c) * cover));
    }
  }
  return out;
}

fs::path find_file(const std::vector<fs::path>& folders, const std::string& name) {
  std::error_code ignored;
  if (name.empty()) return {};
  for (const fs::path& folder : folders)
    if (!folder.empty() && fs::is_regular_file(folder / fs::u8path(name), ignored))
      return folder / fs::u8path(name);
  return {};
}

std::optional<Image> load_image(const fs::path& file) {
  if (file.empty()) return std::nullopt;
  return read_image(file);
}

std::optional<Mask> load_mask(const fs::path& file) {
  if (file.empty()) return std::nullopt;
  return read_mask(file);
}

}  // namespace kizu::report
