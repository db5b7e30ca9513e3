#include "anomaly/mask_placement.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "image/masks.h"

namespace kizu::anomaly {
namespace {

constexpr int kCandidates = 40;  // places that are tried for one shape
// Spread about the shot's place, in parts of the part's or the photo's size.
constexpr double kNearby = 0.06, kNearbyAligned = 0.025;
constexpr double kAlignedRotation = 8;  // degrees; in aligned photos direction has a meaning
constexpr double kSameMask = 0.95;      // overlap from which a mask counts as a copy of a shot's
constexpr double kAreaBelow = 0.75,
                 kAreaAbove = 1.3;  // tolerance about the smallest and largest of the shots

/// How a mask lies on its part.
struct Seat {
  double u = 0.5, v = 0.5;  // its anchor in the part's bounding box
  double depth = 0;         // mean distance to the part's outline, in parts of the greatest
  double inside = 1;        // share of it that is on the part
};

/// The part with what is asked of it again and again.
struct Part {
  explicit Part(Layout of) : mask(std::move(of.foreground)), box(bounding_box(mask)) {
    whole = area(mask) == static_cast<long long>(mask.values.size());
    left = box.x0, top = box.y0;
    if (whole) {
      left += of.dx * mask.width, top += of.dy * mask.height;
      return;
    }
    depth.assign(mask.values.size(), 0);
    for (int y = 0; y < mask.height; y++)
      for (int x = 0; x < mask.width; x++) relax(x, y, -1);
    for (int y = mask.height; y-- > 0;)
      for (int x = mask.width; x-- > 0;) relax(x, y, 1);
    for (const int value : depth) deepest = std::max(deepest, value);
  }

  /// One sweep of the city-block distance to the outside; the border of the photo is no outline.
  void relax(int x, int y, int step) {
    const auto at = [&](int u, int v) -> int& { return depth[static_cast<std::size_t>(v) * mask.width + u]; };
    if (!mask.at(x, y)) return;
    int nearest = step < 0 ? mask.width + mask.height : at(x, y);
    if (x + step >= 0 && x + step < mask.width) nearest = std::min(nearest, at(x + step, y) + 1);
    if (y + step >= 0 && y + step < mask.height) nearest = std::min(nearest, at(x, y + step) + 1);
    at(x, y) = nearest;
  }

  Mask mask;
  Box box;
  double left = 0, top = 0;  // where its coordinates begin
  bool whole = false;
  std::vector<int> depth;
  int deepest = 1;
};

/// The given layout, or all of the photo where it says nothing.
Part part_of(const Layout& layout, int width, int height) {
  const Mask& given = layout.foreground;
  if (given.width == width && given.height == height && area(given) > 0) return Part(layout);
  Mask everything = Mask::blank(width, height);
  std::fill(everything.values.begin(), everything.values.end(), std::uint8_t{1});
  return Part(std::move(everything));
}

/// A shape at a place: the photo's pixel of the shape's pixel (0, 0).
struct Placed {
  int x = 0, y = 0;
};

Seat seat_of(const Mask& shape, Placed at, const Part& part, double anchor_x, double anchor_y) {
  Seat seat;
  seat.u = (at.x + anchor_x - part.left) / part.box.width();
  seat.v = (at.y + anchor_y - part.top) / part.box.height();
  double on = 0, all = 0, depth = 0;
  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      const int u = at.x + x, v = at.y + y;
      if (!shape.at(x, y) || u < 0 || v < 0 || u >= part.mask.width || v >= part.mask.height) continue;
      all++;
      if (!part.mask.at(u, v)) continue;
      on++;
      if (!part.whole) depth += part.depth[static_cast<std::size_t>(v) * part.mask.width + u];
    }
  seat.inside = all > 0 ? on / all : 0;
  seat.depth = on > 0 ? depth / on / part.deepest : 0;
  return seat;
}

/// How far the shapes of the shots are to be enlarged for this photo. A surface is taken to be photographed
/// at one scale; a part that appears larger has larger defects.
double photo_scale(const Part& from, const Part& to, const Arrangement& arrangement) {
  if (!arrangement.part && !arrangement.aligned) return 1;
  const double ratio =
      std::hypot(to.box.width(), to.box.height()) / std::hypot(from.box.width(), from.box.height());
  return std::abs(std::log(ratio)) < 0.1 ? 1 : ratio;  // parts differ a little from photo to photo
}

class Placement {
 public:
  Placement(const Stencil& shape, const Seat& wanted, const Part& part, const Arrangement& arrangement)
      : shape_(shape), wanted_(wanted), part_(part), arrangement_(arrangement) {}

  /// The best of some places, or none when the shape cannot lie in the photo.
  std::optional<Placed> find(NoiseStream& stream) const {
    const bool anywhere = !arrangement_.part && !arrangement_.aligned;
    std::optional<Placed> best;
    double best_cost = 1e9;
    for (int i = 0; i < kCandidates; i++) {
      const bool near = arrangement_.aligned || (arrangement_.part && i % 2 == 0);
      const auto place = near ? nearby(stream, 1 + 2.0 * i / kCandidates) : drawn(stream);
      if (!place) continue;
      if (anywhere) return place;
      const Seat seat = seat_of(shape_.mask, *place, part_, shape_.anchor_x, shape_.anchor_y);
      const double depth = arrangement_.part ? std::abs(seat.depth - wanted_.depth) : 0;
      const double cost = 3 * std::abs(seat.inside - wanted_.inside) + depth;
      if (cost < 0.12) return place;
      if (cost < best_cost) best_cost = cost, best = place;
    }
    return best;
  }

 private:
  int width() const { return part_.mask.width; }
  int height() const { return part_.mask.height; }

  /// The range of first pixels at which the shape keeps clear of this pair of borders; empty where it cannot.
  static std::optional<std::pair<int, int>> range(int size, int photo) {
    const int clear = photo >= 8 ? 1 : 0;
    if (size + 2 * clear > photo) return std::nullopt;
    return std::pair{clear, photo - clear - size};
  }

  /// First pixel along an axis that the shape touches: its anchor comes to lie on the border.
  static int at_border(bool low, bool high, double anchor, int photo) {
    const double target = low && high ? 0.5 * photo : low ? 0 : photo;
    return static_cast<int>(std::lround(target - anchor));
  }

  /// First pixel along one axis for an anchor wanted at `at`: on or near a border as the shot was, else clear
  /// of both.
  static std::optional<int> along(double at, double anchor, int size, int photo,
                                  std::pair<bool, bool> touches, std::pair<bool, bool> near, int gap) {
    if (touches.first || touches.second) return at_border(touches.first, touches.second, anchor, photo);
    const auto free = range(size, photo);
    if (!free) return std::nullopt;
    const int wanted = near.first    ? gap
                       : near.second ? photo - gap - size
                                     : static_cast<int>(std::lround(at - anchor));
    return std::clamp(wanted, free->first, free->second);
  }

  std::optional<Placed> placed(double x, double y) const {
    const Sides& t = shape_.touches;
    const Sides n = arrangement_.part ? Sides{} : shape_.near;
    const auto left = along(x, shape_.anchor_x, shape_.mask.width, width(), {t.left, t.right},
                            {n.left, n.right}, shape_.gap_x);
    const auto top = along(y, shape_.anchor_y, shape_.mask.height, height(), {t.top, t.bottom},
                           {n.top, n.bottom}, shape_.gap_y);
    if (!left || !top) return std::nullopt;
    return Placed{*left, *top};
  }

  std::optional<Placed> nearby(NoiseStream& stream, double spread) const {
    spread *= arrangement_.part ? kNearby : kNearbyAligned;
    const double u = wanted_.u + stream.normal() * spread, v = wanted_.v + stream.normal() * spread;
    return placed(part_.left + u * part_.box.width(), part_.top + v * part_.box.height());
  }

  std::optional<Placed> drawn(NoiseStream& stream) const {
    // The anchor may be anywhere on the part from which the shape stays in the photo; uniform over those
    // places.
    const auto uniform = [&](double anchor, int size, int begin, int end, int photo) {
      const double low = std::max<double>(begin, anchor + 1),
                   high = std::min<double>(end, photo - 1 - size + anchor);
      return low < high ? stream.uniform(low, high) : stream.uniform(begin, end);
    };
    const double x = uniform(shape_.anchor_x, shape_.mask.width, part_.box.x0, part_.box.x1, width());
    const double y = uniform(shape_.anchor_y, shape_.mask.height, part_.box.y0, part_.box.y1, height());
    return placed(x, y);
  }

  const Stencil& shape_;
  const Seat& wanted_;
  const Part& part_;
  const Arrangement& arrangement_;
};

Mask drawn_at(const Mask& shape, Placed at, int width, int height) {
  Mask mask = Mask::blank(width, height);
  for (int y = std::max(0, -at.y); y < shape.height && at.y + y < height; y++)
    for (int x = std::max(0, -at.x); x < shape.width && at.x + x < width; x++)
      if (shape.at(x, y)) mask.at(at.x + x, at.y + y) = 1;
  return mask;
}

bool touches_as(const Mask& mask, const Sides& sides) {
  const Box box = bounding_box(mask);
  if (box.empty()) return false;
  return (!sides.left || box.x0 == 0) && (!sides.top || box.y0 == 0) &&
         (!sides.right || box.x1 == mask.width) && (!sides.bottom || box.y1 == mask.height);
}

struct AreaRange {
  double least = 1e18, most = 0;
  void include(double area) { least = std::min(least, area), most = std::max(most, area); }
  bool holds(double area) const { return area >= kAreaBelow * least && area <= kAreaAbove * most; }
};

Json origin_of(const std::string& shot, const Variation& variation, double dx, double dy) {
  const char* flip = variation.flip_x   ? (variation.flip_y ? "both" : "horizontal")
                     : variation.flip_y ? "vertical"
                                        : "none";
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  return {{"shot", shot},
          {"flip", flip},
          {"angle", rounded(variation.angle)},
          {"scale", rounded(variation.scale)},
          {"dx", rounded(dx)},
          {"dy", rounded(dy)},
          {"stretch", {rounded(variation.stretch_x), rounded(variation.stretch_y)}},
          {"elastic", rounded(variation.elastic)},
          {"jitter", rounded(variation.jitter)},
          {"shape_seed", variation.seed}};
}

/// One shot and where it had its defect.
struct Model {
  const MaskSource* shot;
  Stencil stencil;
  Seat seat;
  double scale;  // from its photo to this one
};

std::vector<Model> models_of(const std::vector<MaskSource>& shots, const Part& part,
                             const Arrangement& arrangement) {
  std::vector<Model> models;
  for (const MaskSource& shot : shots) {
    const Box box = bounding_box(shot.mask);
    if (box.empty()) continue;
    const Part own = part_of(shot.layout, shot.mask.width, shot.mask.height);
    const Stencil stencil = cut_out(shot.mask);
    const Mask tight = crop(shot.mask, box);
    const Seat seat =
        seat_of(tight, {box.x0, box.y0}, own, stencil.photo_x - box.x0, stencil.photo_y - box.y0);
    models.push_back({&shot, stencil, seat, photo_scale(own, part, arrangement)});
  }
  return models;
}

/// Fits the shape to the photo: what spans it from border to border is stretched with it, all else leaves
/// room.
void fit(const Stencil& stencil, const Part& part, Variation& variation) {
  const Sides& t = stencil.touches;
  const double across = static_cast<double>(part.mask.width) / stencil.mask.width;
  const double down = static_cast<double>(part.mask.height) / stencil.mask.height;
  const bool spans_x = t.left && t.right, spans_y = t.top && t.bottom;
  // Turning and bending need some room of their own.
  if (!spans_x) variation.scale = std::min(variation.scale, (t.across() ? 0.95 : 0.8) * across);
  if (!spans_y) variation.scale = std::min(variation.scale, (t.down() ? 0.95 : 0.8) * down);
  if (spans_x) variation.stretch_x = std::max(1.0, 1.2 * across / variation.scale);
  if (spans_y) variation.stretch_y = std::max(1.0, 1.2 * down / variation.scale);
}

struct Attempt {
  GeneratedMask made;
  bool fitted;     // its size was changed to fit the photo
  bool at_border;  // it touches the borders that it should
  bool kept;       // hardly anything of it fell off the part
};

/// How much of the bending a shape may have that covers this share of its photo: none where it is a large
/// part of it, for straight lines within would come out wavy.
double bendable(double share) {
  constexpr double kAllUpTo = 0.02, kNoneFrom = 0.1;
  return std::clamp((kNoneFrom - share) / (kNoneFrom - kAllUpTo), 0.0, 1.0);
}

/// A variation of one shot's mask at a place, or none when it cannot lie there.
std::optional<Attempt> attempt_with(const Model& model, const Part& part, const Arrangement& arrangement,
                                    const VariationOptions& options, NoiseStream& stream) {
  Variation variation = draw_variation(model.stencil, stream, options);
  variation.scale *= model.scale;
  const double pixels = static_cast<double>(part.mask.width) * part.mask.height;
  variation.elastic *=
      bendable(static_cast<double>(area(model.shot->mask)) * variation.scale * variation.scale / pixels);
  const Variation wanted = variation;
  fit(model.stencil, part, variation);
  const Stencil shape = vary(model.stencil, variation);
  const auto place = Placement(shape, model.seat, part, arrangement).find(stream);
  if (!place) return std::nullopt;
  Mask mask = drawn_at(shape.mask, *place, part.mask.width, part.mask.height);
  const auto before = static_cast<double>(area(mask));
  if (model.seat.inside > 0.98 && !part.whole)
    for (std::size_t i = 0; i < mask.values.size(); i++)
      mask.values[i] = mask.values[i] && part.mask.values[i];
  const auto now = static_cast<double>(area(mask));
  if (now == 0) return std::nullopt;
  const bool fitted = variation.scale != wanted.scale || variation.stretch_x != 1 || variation.stretch_y != 1;
  const bool at_border = touches_as(mask, shape.touches);
  const double dx = place->x + shape.anchor_x - model.stencil.photo_x;
  const double dy = place->y + shape.anchor_y - model.stencil.photo_y;
  return Attempt{{std::move(mask), origin_of(model.shot->file, variation, dx, dy)},
                 fitted,
                 at_border,
                 now >= 0.85 * before};
}

}  // namespace

double overlap(const Mask& a, const Mask& b) {
  if (a.width != b.width || a.height != b.height) return 0;
  double both = 0, either = 0;
  for (std::size_t i = 0; i < a.values.size(); i++)
    both += a.values[i] && b.values[i], either += a.values[i] || b.values[i];
  return either > 0 ? both / either : 0;
}

GeneratedMask make_mask(const std::vector<MaskSource>& shots, const Layout& photo,
                        const Arrangement& arrangement, uint64_t seed, const MaskOptions& options) {
  options.variation.check();
  const Part part = part_of(photo, photo.foreground.width, photo.foreground.height);
  const auto models = models_of(shots, part, arrangement);
  if (models.empty())
    throw Error("masks: none of the shots marks a defect; give a mask that is not all black");
  AreaRange areas;
  for (const Model& model : models)
    areas.include(static_cast<double>(area(model.shot->mask)) * model.scale * model.scale);
  VariationOptions varied = options.variation;
  if (arrangement.aligned && !arrangement.part) {
    varied.flips = false;
    varied.rotation = std::min(varied.rotation, kAlignedRotation);
  }

  GeneratedMask best;
  double best_quality = -1;
  for (int attempt = 0; attempt < options.tries; attempt++) {
    NoiseStream stream(mix(seed, "mask", static_cast<uint64_t>(attempt)));
    const Model& drawn = models[static_cast<std::size_t>(stream.below(static_cast<int64_t>(models.size())))];
    const auto named = std::find_if(models.begin(), models.end(),
                                    [&](const Model& m) { return m.shot->file == options.shot; });
    const Model& model = named == models.end() ? drawn : *named;
    const auto tried = attempt_with(model, part, arrangement, varied, stream);
    if (!tried) continue;
    const bool sized = tried->fitted || areas.holds(static_cast<double>(area(tried->made.mask)));
    const bool fresh = std::all_of(shots.begin(), shots.end(), [&](const MaskSource& shot) {
      return overlap(tried->made.mask, shot.mask) < kSameMask;
    });
    const double quality = 4.0 * tried->at_border + 2.0 * tried->kept + sized + fresh;
    if (quality > best_quality) best_quality = quality, best = tried->made;
    if (quality == 8) break;
  }
  if (best_quality >= 0) return best;
  // A photo too small for any shape, or a part that no shape reaches: the part itself is the mask.
  return {part.mask, origin_of(models.front().shot->file, {}, 0, 0)};
}

}  // namespace kizu::anomaly
