#include "core/memory.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace kizu {
namespace fs = std::filesystem;
namespace {

/// The value of a line such as "VmHWM:    1234 kB", in bytes.
std::uint64_t kilobytes(const char* file, const std::string& key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    if (line.compare(0, key.size(), key) == 0)
      return std::strtoull(line.c_str() + key.size(), nullptr, 10) * 1024;
  return 0;
}

/// A file that holds one number; `otherwise` when it holds "max", or is not there.
std::uint64_t number_in(const fs::path& file, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  return std::ifstream(file) >> value ? value : otherwise;
}

/// What the control group of this process (version 2) leaves.
std::uint64_t left_in_group() {
  constexpr std::uint64_t kUnlimited = ~0ull;
  std::ifstream groups("/proc/self/cgroup");
  std::uint64_t left = kUnlimited;
  for (std::string line; std::getline(groups, line);) {
    if (line.compare(0, 3, "0::") != 0) continue;
    const fs::path root = "/sys/fs/cgroup";
    for (fs::path group = root / fs::path(line.substr(3)).relative_path();; group = group.parent_path()) {
      const std::uint64_t most = number_in(group / "memory.max", kUnlimited);
      const std::uint64_t used = number_in(group / "memory.current", 0);
      if (most != kUnlimited) left = std::min(left, most > used ? most - used : 0);
      if (group == root || !group.has_relative_path()) break;
    }
  }
  return left;
}

}  // namespace

std::uint64_t peak_resident_bytes() {
  return kilobytes("/proc/self/status", "VmHWM:");
}

std::uint64_t resident_bytes() {
  return kilobytes("/proc/self/status", "VmRSS:");
}

std::uint64_t available_memory() {
  return std::min(kilobytes("/proc/meminfo", "MemAvailable:"), left_in_group());
}

std::uint64_t free_disk(const fs::path& path) {
  std::error_code failure;
  fs::path existing = fs::absolute(path, failure);
  while (!failure && !fs::exists(existing, failure) && existing.has_relative_path())
    existing = existing.parent_path();
  const fs::space_info space = fs::space(existing, failure);
  return failure ? 0 : space.available;
}

void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kLargestAllowed = 32 << 20;  // glibc refuses more; larger blocks are few
  mallopt(M_MMAP_THRESHOLD, kLargestAllowed);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

}  // namespace kizu
