#pragma once
#include <cstdint>
#include <filesystem>

namespace kizu {

/// The most memory this process has held at once since it started, in bytes (VmHWM); 0 where unknown.
std::uint64_t peak_resident_bytes();
/// What it holds now (VmRSS); 0 where unknown.
std::uint64_t resident_bytes();
/// What can still be had without swapping, a container's limit included; 0 where unknown.
std::uint64_t available_memory();
/// Free bytes for this user on the disk of `path`, which need not exist yet; 0 where unknown.
std::uint64_t free_disk(const std::filesystem::path& path);

/// Asks the C library to keep freed memory for the next request: large tensors come and go at every step, and
/// by default each is handed back to the system, which clears it again page by page. For main(), once.
void keep_freed_memory();

}  // namespace kizu
