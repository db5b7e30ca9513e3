#include "dataset/sides.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/error.h"
#include "dataset/scan.h"

namespace kizu::dataset {
namespace {

enum class Use { undecided, learn, test };

struct Part {
  int piece;
  int photos;  // how many of the type's photos show it
};

/// One defect type's pieces in natural order of their first photo.
struct Type {
  std::string name;
  std::vector<Part> parts;
  int photos = 0;
};

std::vector<Part> parts_of(const std::vector<Item>& items, const std::string& type) {
  std::vector<Part> parts;
  std::map<int, std::size_t> at;
  for (const Item& item : items) {
    if (item.type != type) continue;
    const auto [place, is_new] = at.emplace(item.piece, parts.size());
    if (is_new) parts.push_back({item.piece, 0});
    ++parts[place->second].photos;
  }
  return parts;
}

std::vector<Type> types_of(const std::vector<Item>& items) {
  std::vector<Type> types;
  for (const Item& item : items) {
    const auto same = [&](const Type& type) { return type.name == item.type; };
    if (item.type == kGood || std::any_of(types.begin(), types.end(), same)) continue;
    types.push_back({item.type, parts_of(items, item.type), 0});
    for (const Part& part : types.back().parts) types.back().photos += part.photos;
  }
  return types;
}

/// Decides for each piece whether it is learned from or tested on.
class Division {
 public:
  Division(const std::vector<Item>& items, int shots)
      : items_(items), shots_(shots), types_(types_of(items)) {
    std::vector<const Type*> order;
    for (const Type& type : types_) order.push_back(&type);
    std::stable_sort(order.begin(), order.end(),
                     [](const Type* a, const Type* b) { return a->parts.size() < b->parts.size(); });
    for (const Type* type : order) choose(*type);
    for (const Type* type : order) mend(*type);
    if (shots_ > 0) check_shots();
  }

  std::vector<Placement> placements() {
    const bool has_test =
        std::any_of(items_.begin(), items_.end(), [](const Item& i) { return i.given_test; });
    has_test ? keep_given_tests() : take_good_tests();
    std::map<std::string, int> taken;
    std::vector<Placement> out;
    for (const Item& item : items_) {
      out.push_back(item.type == kGood ? place_good(item, has_test) : place_defect(item, taken[item.type]));
    }
    const auto learns = [](const Placement& p) { return p.side == Side::good_train; };
    if (std::none_of(out.begin(), out.end(), learns)) {
      throw Error(
          "no good photo is left to learn from: each shows a piece that is tested on; add good photos of "
          "other "
          "pieces or correct the group column of manifest.csv");
    }
    return out;
  }

 private:
  int learned(const Type& type) const {
    int count = 0;
    for (const Part& part : type.parts) count += use(part.piece) == Use::learn ? part.photos : 0;
    return count;
  }
  Use use(int piece) const {
    const auto found = uses_.find(piece);
    return found == uses_.end() ? Use::undecided : found->second;
  }

  void choose(const Type& type) {
    const int want = shots_ > 0 ? shots_ : std::max(1, type.photos / 3);
    int have = learned(type);
    for (const Part& part : type.parts) {
      if (have >= want) break;
      if (use(part.piece) != Use::undecided || have + part.photos >= type.photos) continue;
      const bool nearer = std::abs(have + part.photos - want) < want - have;
      if (have > 0 && shots_ == 0 && !nearer) break;
      uses_[part.piece] = Use::learn;
      have += part.photos;
    }
    for (const Part& part : type.parts) uses_.emplace(part.piece, Use::test);
  }

  /// Whether every type keeps a photo of this use when `piece` loses it.
  bool can_leave(int piece, Use use_now) const {
    return std::all_of(types_.begin(), types_.end(), [&](const Type& type) {
      bool has_it = false, has_other = false;
      for (const Part& part : type.parts) {
        (part.piece == piece ? has_it : has_other) |= use(part.piece) == use_now;
      }
      return !has_it || has_other;
    });
  }

  void mend(const Type& type) {
    const int shots = learned(type);
    if (shots > 0 && shots < type.photos) return;
    const Use now = shots > 0 ? Use::learn : Use::test;
    for (const Part& part : type.parts) {
      if (!can_leave(part.piece, now)) continue;
      uses_[part.piece] = now == Use::learn ? Use::test : Use::learn;
      return;
    }
    throw Error(
        "type " + type.name + ": its " + std::to_string(type.photos) + " photos show " +
        std::to_string(type.parts.size()) +
        " piece(s), which cannot be divided into shots and test photos; add photos of another piece, or "
        "correct the group column of manifest.csv");
  }

  void check_shots() const {
    for (const Type& type : types_) {
      const int most = learned(type);
      if (most >= shots_) continue;
      throw Error("--shots " + std::to_string(shots_) + " is too many for type " + type.name + ": of its " +
                  std::to_string(type.photos) + " photos (" + std::to_string(type.parts.size()) +
                  " pieces) at most " + std::to_string(most) +
                  " can be shots, so that one piece at least remains for testing; ask for fewer");
    }
  }

  Placement place_defect(const Item& item, int& taken) const {
    if (use(item.piece) == Use::test) return {Side::test, ""};
    if (shots_ > 0 && taken >= shots_) return {Side::left_out, "shows the same piece as a shot"};
    ++taken;
    return {Side::shot, ""};
  }

  Placement place_good(const Item& item, bool has_test) const {
    const bool test = use(item.piece) == Use::test;
    if (!has_test || test == item.given_test) return {test ? Side::good_test : Side::good_train, ""};
    return {Side::left_out, test ? "shows the same piece as a test photo" : "shows the same piece as a shot"};
  }

  void keep_given_tests() {
    for (const Item& item : items_) {
      if (item.given_test) uses_.emplace(item.piece, Use::test);
    }
  }

  void take_good_tests() {
    const std::vector<Part> parts = parts_of(items_, kGood);
    int total = 0, seen = 0, tested = 0;
    for (const Part& part : parts) total += part.photos;
    for (const Part& part : parts) tested += use(part.piece) == Use::test ? part.photos : 0;
    // For 8 and 9 photos every 4th, so that two are tested.
    const int step = total >= 8 ? std::min(5, total / 2) : 5;
    for (const Part& part : parts) {
      seen += part.photos;
      if (use(part.piece) != Use::undecided) continue;
      if (tested >= seen / step || 2 * (tested + part.photos) > total) continue;
      uses_[part.piece] = Use::test;
      tested += part.photos;
    }
  }

  const std::vector<Item>& items_;
  int shots_;
  std::vector<Type> types_;
  std::map<int, Use> uses_;
};

}  // namespace

std::vector<Placement> place(const std::vector<Item>& items, int shots) {
  return Division(items, shots).placements();
}

}  // namespace kizu::dataset
