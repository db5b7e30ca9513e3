#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ldm/text_encoder.h"
#include "ldm/token_ids.h"
#include "tensor/noise.h"

namespace kizu::anomaly {

/// Whether every picture has the same caption, or each its own from the published list.
enum class CaptionChoice { kFixed, kRandom };

/// The 81 captions (57 different ones) that the published code draws from with equal probability; "*" stands
/// for what is learned.
const std::vector<std::string>& published_captions();

/// Ids [max_length] of a caption made of the published captions' words, for the base txt2img-f8-large; no
/// vocabulary is needed. Throws Error naming a word that is not among them.
std::vector<int64_t> caption_ids(const std::string& caption, int64_t max_length = 77);

/// Captions for a batch of rows, [rows, max_length] int64. The words of the published ones are built in for
/// txt2img-f8-large; another base needs the `tokenizer` of its vocabulary for random captions. Throws Error
/// without.
torch::Tensor draw_captions(const ldm::TextEncoderConfig& text, const ldm::Tokenizer* tokenizer,
                            CaptionChoice choice, int64_t rows, NoiseStream& stream);
/// Each caption that may be drawn, once, [n, max_length].
torch::Tensor all_captions(const ldm::TextEncoderConfig& text, const ldm::Tokenizer* tokenizer,
                           CaptionChoice choice);

}  // namespace kizu::anomaly
