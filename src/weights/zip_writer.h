#pragma once
#include <string>
#include <vector>

namespace kizu {

struct ZipContent {
  std::string name, bytes;
};

/// The bytes of a ZIP file with these entries in this order, stored, without times: what torch writes, for
/// small files. Throws logic_error beyond what a ZIP without ZIP64 can hold.
std::string zip_of(const std::vector<ZipContent>& entries);

}  // namespace kizu
