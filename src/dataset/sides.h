#pragma once
#include <string>
#include <vector>

namespace kizu::dataset {

/// What a photo is for. Shots and good_train are learned from; test and good_test are only ever measured on.
enum class Side { shot, test, good_train, good_test, left_out };

/// A photo as the division sees it.
struct Item {
  std::string type;         // kGood or the defect type
  int piece = 0;            // photos of one piece (same group, or the same bytes) must stay on one side
  bool given_test = false;  // lies in test/good
};

struct Placement {
  Side side = Side::left_out;
  std::string reason;  // why it was left out
};

/// Divides photos so that no piece stands on both sides. `items` come in natural order, type by type.
///
/// Defects. Of n photos of a type, k = max(1, floor(n / 3)) are wanted as shots. Types with few pieces choose
/// first (they have the least choice). A type counts what earlier types already put among the shots, then
/// takes whole pieces in natural order while that brings its count nearer to k; the rest of its pieces are
/// for testing, for every type. Each type gets at least one shot and one test photo: where others left it
/// none, its first piece that nobody else depends on changes sides. Without groups this is: the first floor(n
/// / 3) photos. With `shots` = K > 0 exactly the first K photos of a type's learning pieces are shots; what
/// is left of those pieces is left out.
///
/// Good photos follow the defects of their piece: a training photo of a piece that is tested is left out, and
/// so is a photo of test/good whose piece is learned from. A piece in both train/good and test/good stays in
/// the test. Without any test/good every 5th good photo (at least 2 of 8 and more; whole pieces, at most
/// half) is for testing.
///
/// Throws Error naming the type that cannot be divided, or when no good photo is left to learn from.
std::vector<Placement> place(const std::vector<Item>& items, int shots);

}  // namespace kizu::dataset
