#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "weights/tensor_source.h"

namespace kizu {

/// Learned embeddings as they are passed around (Gal et al. 2022): tables [vectors, width] by name. Two
/// formats: dictionaries "string_to_param" in .pt files, of the original and of web UIs, where a lone
/// embedding is called "*"; and one tensor for each token, of diffusers.

/// True if the tensors are such embeddings and nothing else.
bool holds_embeddings(const TensorInfos& tensors);

/// The embeddings by name; single vectors become tables of one. Throws Error beginning with `origin` when a
/// tensor is no table of floating numbers.
std::map<std::string, RawTensor> read_embeddings(const TensorSource& source, const std::string& origin);

/// Writes the .pt of web UIs: one embedding [vectors, width], called "*" inside.
void write_inversion_pt(const std::filesystem::path& file, const std::string& name,
                        const RawTensor& embedding);
/// Writes the learned_embeds.safetensors of diffusers: the name is the token.
void write_learned_embeds(const std::filesystem::path& file, const std::string& name,
                          const RawTensor& embedding);

}  // namespace kizu
