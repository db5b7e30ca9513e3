#pragma once
#include <filesystem>
#include <unordered_map>

#include "ldm/token_ids.h"

namespace kizu::ldm {

/// WordPiece of bert-base-uncased: lower case, no accents, words and punctuation cut into the longest pieces
/// that the vocabulary has. The special words [CLS], [SEP], [MASK], [UNK] and [PAD] in a text become their
/// ids.
class WordPieces : public Tokenizer {
 public:
  /// `file`: a vocab.txt, one entry in each line. Throws Error when it cannot be one.
  WordPieces(const std::filesystem::path& file, int64_t max_length);
  /// The same from memory; `origin` names the lines in errors.
  WordPieces(const std::string& lines, const std::string& origin, int64_t max_length);

  std::vector<int64_t> encode(const std::string& text) const override;
  int64_t size() const override { return static_cast<int64_t>(ids_.size()); }

 private:
  void add_text(const std::string& text, std::vector<int64_t>& ids) const;
  void add_word(const std::u32string& word, std::vector<int64_t>& ids) const;

  std::unordered_map<std::string, int64_t> ids_;
  size_t max_length_;
  int64_t start_ = 0, end_ = 0, padding_ = 0, unknown_ = 0;
};

}  // namespace kizu::ldm
