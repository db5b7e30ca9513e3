#include "anomaly/placement.h"

#include <algorithm>
#include <cmath>

namespace kizu::anomaly {
namespace {

constexpr int kCandidates = 40;  // places that are tried for one shape
// Spread about the shot's place, in parts of the part's or the photo's size.
constexpr double kNearby = 0.06, kNearbyAligned = 0.025;

// The range of first pixels at which the shape keeps clear of this pair of borders; empty where it cannot.
std::optional<std::pair<int, int>> range(int size, int photo) {
  const int clear = photo >= 8 ? 1 : 0;
  if (size + 2 * clear > photo) return std::nullopt;
  return std::pair{clear, photo - clear - size};
}

// First pixel along an axis that the shape touches: its anchor comes to lie on the border.
int at_border(bool low, bool high, double anchor, int photo) {
  const double target = low && high ? 0.5 * photo : low ? 0 : photo;
  return static_cast<int>(std::lround(target - anchor));
}

// First pixel along one axis for an anchor wanted at `at`: on or near a border as the shot was, else clear of
// both.
std::optional<int> along(double at, double anchor, int size, int photo, std::pair<bool, bool> touches,
                         std::pair<bool, bool> near, int gap) {
  if (touches.first || touches.second) return at_border(touches.first, touches.second, anchor, photo);
  const auto free = range(size, photo);
  if (!free) return std::nullopt;
  const int wanted = near.first    ? gap
                     : near.second ? photo - gap - size
                                   : static_cast<int>(std::lround(at - anchor));
  return std::clamp(wanted, free->first, free->second);
}

}  // namespace

std::optional<Placed> Placement::find(NoiseStream& stream) const {
  const bool anywhere = arrangement_.surface();
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

std::optional<Placed> Placement::placed(double x, double y) const {
  const Sides& t = shape_.touches;
  const Sides n = arrangement_.part ? Sides{} : shape_.near;
  const auto left = along(x, shape_.anchor_x, shape_.mask.width, width(), {t.left, t.right},
                          {n.left, n.right}, shape_.gap_x);
  const auto top = along(y, shape_.anchor_y, shape_.mask.height, height(), {t.top, t.bottom},
                         {n.top, n.bottom}, shape_.gap_y);
  if (!left || !top) return std::nullopt;
  return Placed{*left, *top};
}

std::optional<Placed> Placement::nearby(NoiseStream& stream, double spread) const {
  spread *= arrangement_.part ? kNearby : kNearbyAligned;
  const double u = wanted_.u + stream.normal() * spread, v = wanted_.v + stream.normal() * spread;
  return placed(part_.left + u * part_.box.width(), part_.top + v * part_.box.height());
}

std::optional<Placed> Placement::drawn(NoiseStream& stream) const {
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

}  // namespace kizu::anomaly
