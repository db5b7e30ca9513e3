#include "anomaly/mask_placement.h"

#include <algorithm>
#include <cmath>

#include "anomaly/placement.h"
#include "anomaly/surroundings.h"
#include "core/error.h"
#include "image/masks.h"

namespace kizu::anomaly {
namespace {

constexpr double kAlignedRotation = 8;  // degrees; in aligned photos direction has a meaning
constexpr double kGrown = 0.7;          // surroundings that fit better than this are the product itself
constexpr double kInPlace = 0.5;        // of the masks on such a product; the others vary in pose and place
constexpr double kLarge = 0.1;          // share of its photo from which a mask is not bent and lies in place
constexpr double kLoose = 0.5;          // of the masks on a surface
constexpr double kSameMask = 0.95;      // overlap from which a mask counts as a copy of a shot's
constexpr double kAreaBelow = 0.75,
                 kAreaAbove = 1.3;  // tolerance about the smallest and largest of the shots

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
          {"shape_seed", variation.seed},
          {"loose", false},
          {"in_place", false}};
}

/// One shot and where it had its defect.
struct Model {
  const MaskSource* shot;
  Stencil stencil;
  Seat seat;
  double scale;  // from its photo to this one
  bool loose = false;
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

/// To be laid anywhere: on a surface every other defect that a border cut off, or that lay close to one, for
/// a border of a photo is hardly ever one of the product. What spans the photo stays as it is.
void loosen(Model& model) {
  const Sides& t = model.stencil.touches;
  if (t.span_x() || t.span_y()) return;
  model.stencil = cut_out(model.shot->mask, true);
  model.loose = true;
}

/// Fits the shape to the photo: what spans it from border to border is stretched with it, so that the shot's
/// borders come to lie on the photo's or beyond; all else leaves room.
void fit(const Stencil& stencil, const Part& part, Variation& variation) {
  const Sides& t = stencil.touches;
  const bool spans_x = t.span_x(), spans_y = t.span_y();
  const double width = part.mask.width, height = part.mask.height;
  // Turning and bending need some room of their own.
  if (!spans_x)
    variation.scale = std::min(variation.scale, (t.across() ? 0.95 : 0.8) * width / stencil.mask.width);
  if (!spans_y)
    variation.scale = std::min(variation.scale, (t.down() ? 0.95 : 0.8) * height / stencil.mask.height);
  const double angle = std::abs(variation.angle) * 3.14159265358979323846 / 180;
  const double long_x = variation.scale * (stencil.mask.width - stencil.beyond * (t.left + t.right));
  const double long_y = variation.scale * (stencil.mask.height - stencil.beyond * (t.top + t.bottom));
  const auto stretch = [&](double photo, double along, double across) {
    return std::max(1.0, (photo + std::sin(angle) * across) / (std::cos(angle) * along));
  };
  if (spans_x) variation.stretch_x = stretch(width, long_x, std::min(height, long_y));
  if (spans_y) variation.stretch_y = stretch(height, long_y, std::min(width, long_x));
}

struct Attempt {
  GeneratedMask made;
  bool fitted = false;     // its size was changed to fit the photo
  bool at_border = false;  // it touches the borders that it should
  bool kept = false;       // hardly anything of it fell off the part
  bool in_place = false;   // it sits on the same piece of the product as in its shot
};

/// How much of the bending a shape may have that covers this share of its photo: none where it is a large
/// part of it, for straight lines within would come out wavy.
double bendable(double share) {
  constexpr double kAllUpTo = 0.02;
  return std::clamp((kLarge - share) / (kLarge - kAllUpTo), 0.0, 1.0);
}

/// Where a shape of this shot sits on the product, if it is part of it: neither turned nor scaled then, and
/// without a choice of its place.
std::optional<Placed> place_on_product(const Model& model, const Part& part, const Layout& photo,
                                       const Stencil& shape) {
  const Stencil& from = model.stencil;
  const double dx = part.left + model.seat.u * part.box.width() - from.photo_x;
  const double dy = part.top + model.seat.v * part.box.height() - from.photo_y;
  const Surroundings around(model.shot->layout, model.shot->mask, from.photo_x, from.photo_y);
  const auto fit = around.on(photo, model.scale, dx, dy);
  if (fit.unlike >= kGrown) return std::nullopt;
  return Placed{static_cast<int>(std::lround(from.photo_x + fit.dx - shape.anchor_x)),
                static_cast<int>(std::lround(from.photo_y + fit.dy - shape.anchor_y))};
}

/// What becomes of a shape at a place, or none where nothing of it is left.
std::optional<Attempt> attempt_at(Placed place, const Stencil& shape, const Variation& variation,
                                  const Model& model, const Part& part) {
  Mask mask = drawn_at(shape.mask, place, part.mask.width, part.mask.height);
  const auto before = static_cast<double>(area(mask));
  if (model.seat.inside > 0.98 && !part.whole)
    for (std::size_t i = 0; i < mask.values.size(); i++)
      mask.values[i] = mask.values[i] && part.mask.values[i];
  const auto now = static_cast<double>(area(mask));
  if (now == 0) return std::nullopt;
  Attempt attempt;
  attempt.at_border = touches_as(mask, shape.touches);
  attempt.kept = now >= 0.85 * before;
  attempt.made = {std::move(mask),
                  origin_of(model.shot->file, variation, place.x + shape.anchor_x - model.stencil.photo_x,
                            place.y + shape.anchor_y - model.stencil.photo_y)};
  attempt.made.origin["loose"] = model.loose;
  return attempt;
}

/// A variation of one shot's mask at a place, or none when it cannot lie there. `in_place`: on the piece of
/// the product on which the shot had it, where that is found.
std::optional<Attempt> attempt_with(const Model& model, const Part& part, const Layout& photo,
                                    const Arrangement& arrangement, const VariationOptions& options,
                                    bool in_place, NoiseStream& stream) {
  Variation variation = draw_variation(model.stencil, stream, options);
  variation.scale *= model.scale;
  const double pixels = static_cast<double>(part.mask.width) * part.mask.height;
  variation.elastic *=
      bendable(static_cast<double>(area(model.shot->mask)) * variation.scale * variation.scale / pixels);
  if (in_place) {
    Variation bent;
    bent.scale = model.scale, bent.elastic = variation.elastic, bent.seed = variation.seed;
    const Stencil shape = vary(model.stencil, bent);
    if (const auto place = place_on_product(model, part, photo, shape)) {
      auto attempt = attempt_at(*place, shape, bent, model, part);
      if (attempt) attempt->in_place = attempt->at_border = true, attempt->made.origin["in_place"] = true;
      return attempt;
    }
  }
  const Variation wanted = variation;
  fit(model.stencil, part, variation);
  const Stencil shape = vary(model.stencil, variation);
  const auto place = Placement(shape, model.seat, part, arrangement).find(stream);
  if (!place) return std::nullopt;
  auto attempt = attempt_at(*place, shape, variation, model, part);
  if (attempt)
    attempt->fitted = variation.scale != wanted.scale || variation.stretch_x != 1 || variation.stretch_y != 1;
  return attempt;
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
  auto models = models_of(shots, part, arrangement);
  if (models.empty())
    throw Error("masks: none of the shots marks a defect; give a mask that is not all black");
  AreaRange areas;
  for (const Model& model : models)
    areas.include(static_cast<double>(area(model.shot->mask)) * model.scale * model.scale);
  VariationOptions varied = options.variation;
  if (arrangement.fixed()) {
    varied.flips = false;
    varied.rotation = std::min(varied.rotation, kAlignedRotation);
  }
  const bool every_other = NoiseStream(mix(seed, "in place")).chance(kInPlace);
  if (arrangement.surface() && NoiseStream(mix(seed, "loose")).chance(kLoose))
    for (Model& model : models) loosen(model);

  GeneratedMask best;
  double best_quality = -1;
  for (int attempt = 0; attempt < options.tries; attempt++) {
    NoiseStream stream(mix(seed, "mask", static_cast<uint64_t>(attempt)));
    const Model& drawn = models[static_cast<std::size_t>(stream.below(static_cast<int64_t>(models.size())))];
    const auto named = std::find_if(models.begin(), models.end(),
                                    [&](const Model& m) { return m.shot->file == options.shot; });
    const Model& model = named == models.end() ? drawn : *named;
    // Of a part of the product that was moved or scaled the rest would show beside it.
    const bool in_place = arrangement.fixed() && (every_other || share_of_photo(model.shot->mask) >= kLarge);
    const auto tried = attempt_with(model, part, photo, arrangement, varied, in_place, stream);
    if (!tried) continue;
    const bool sized = tried->fitted || areas.holds(static_cast<double>(area(tried->made.mask)));
    const bool fresh =
        tried->in_place || std::all_of(shots.begin(), shots.end(), [&](const MaskSource& shot) {
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
