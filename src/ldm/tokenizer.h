#pragma once
#include <filesystem>
#include <memory>

#include "ldm/text_encoder.h"
#include "ldm/token_ids.h"

namespace kizu::ldm {

/// All texts' ids as a tensor [texts, max_length] int64.
torch::Tensor encode_all(const Tokenizer& tokenizer, const std::vector<std::string>& texts);

/// The tokenizer of a family from the files that the user gives: for ldm-bert the vocab.txt of
/// bert-base-uncased or a folder with it, for sd1-clip a folder with vocab.json and merges.txt. Throws Error
/// when they are no such vocabulary or have not as many entries as the encoder knows tokens.
std::unique_ptr<Tokenizer> open_tokenizer(const TextEncoderConfig& config,
                                          const std::filesystem::path& vocabulary);

/// The caption that is used where no vocabulary is given.
inline constexpr const char* kFixedCaption = "a photo of a *";
/// Its ids [1, max_length], known without a vocabulary.
torch::Tensor fixed_caption(const TextEncoderConfig& config);
/// The ids of the empty text, for guidance, [1, max_length].
torch::Tensor empty_caption(const TextEncoderConfig& config);
/// The id of "*", in whose place learned embeddings are put.
int64_t placeholder_id(BaseFamily family);

}  // namespace kizu::ldm
