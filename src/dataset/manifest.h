#pragma once
#include "dataset/scan.h"

namespace kizu::dataset {

/// Fills Photo::group from manifest.csv in the category's folder or, failing that, in its parent. Needed
/// columns, found by name: `image`, `path`, `file` or `filename` (the photo, from the manifest's folder or
/// from the category's) and `group`; a table without a group column changes nothing. Rows that name none of
/// the category's photos are left to the category's neighbours; what looks like a mistake is told in
/// `unused`. Throws Error with file and line for a malformed table or a photo in two groups.
void add_groups(Category& category);

}  // namespace kizu::dataset
