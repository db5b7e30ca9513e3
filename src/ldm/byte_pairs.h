#pragma once
#include <filesystem>
#include <map>
#include <unordered_map>

#include "ldm/token_ids.h"

namespace kizu::ldm {

/// Byte pair encoding of CLIP: lower case, words cut by kind of character, their bytes joined by the list of
/// merges; padded with the end token. <|startoftext|> and <|endoftext|> in a text become their ids.
class BytePairs : public Tokenizer {
 public:
  /// Files vocab.json (piece -> id) and merges.txt (two pieces in each line, the most important first).
  /// Throws Error when they cannot be that.
  BytePairs(const std::filesystem::path& vocabulary, const std::filesystem::path& merges, int64_t max_length);
  /// The same from memory; `origin` names them in errors.
  BytePairs(const std::string& vocabulary, const std::string& merges, const std::string& origin,
            int64_t max_length);

  std::vector<int64_t> encode(const std::string& text) const override;
  int64_t size() const override { return static_cast<int64_t>(ids_.size()); }

 private:
  void read_vocabulary(const std::string& text, const std::string& origin);
  void read_merges(const std::string& text, const std::string& origin);
  void add_text(const std::string& text, std::vector<int64_t>& ids) const;
  void add_word(const std::u32string& word, std::vector<int64_t>& ids) const;

  std::unordered_map<std::string, int64_t> ids_;
  std::map<std::pair<std::string, std::string>, size_t> ranks_;
  size_t max_length_;
  int64_t start_ = 0, end_ = 0;
};

}  // namespace kizu::ldm
