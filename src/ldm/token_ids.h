#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace kizu::ldm {

/// Text to token ids, always of one length: start, the text's tokens (cut where they are too many), end,
/// padding.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// `text` is UTF-8; bytes that are not are taken as U+FFFD.
  virtual std::vector<int64_t> encode(const std::string& text) const = 0;
  /// Number of entries of the vocabulary.
  virtual int64_t size() const = 0;
};

}  // namespace kizu::ldm
