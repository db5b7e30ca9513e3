#pragma once
#include <cstddef>
#include <cstdint>

namespace kizu {

/// Whether this processor has instructions for SHA-256 (Intel since 2016, AMD since 2017); false elsewhere.
bool has_sha_instructions();

/// Takes `count` blocks of 64 bytes into the state with them; call only where they are.
void add_blocks_x86(std::uint32_t* state, const std::uint8_t* bytes, std::size_t count);

}  // namespace kizu
