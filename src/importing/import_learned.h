#pragma once
#include <filesystem>
#include <string>

#include "core/observer.h"
#include "weights/tensor_source.h"

namespace kizu::importing {

/// What a file of others holds, told from the names of its tensors.
enum class SourceKind { Model, Concepts, SpatialEncoder, Localizer };
/// Folders and files with the parts of a latent diffusion model are models, and so is what is nothing else.
SourceKind kind_of(const std::filesystem::path& source);

struct ConceptImport {
  std::filesystem::path spatial;  ///< spatial_encoder.pt; for anomalies, needed to paint them
  std::string name;               ///< of an embedding whose file does not name it, as "screw+scratch_neck"
  bool mask = false;              ///< embeddings of masks, not of anomalies
  bool add = false;               ///< to the concepts that `out` already has
};

/// Embeddings of others become a file of concepts (anomaly/concept_file.h): embeddings.pt of the original,
/// for anomalies or for masks, and textual inversions (.pt of the web UI, learned_embeds.safetensors or .bin
/// of diffusers). Throws Error naming what does not fit.
void import_concepts(const std::filesystem::path& source, const std::filesystem::path& out,
                     const ConceptImport& options, Observer& observer);

/// A localization network of the original (state_dict of the U-Net of DRAEM) becomes a localizer.safetensors
/// for photos whose short side is 256 pixels; the threshold is 0.5, as published.
void import_localizer(const std::filesystem::path& source, const std::filesystem::path& out,
                      Observer& observer);

/// One embedding of a file of concepts as a textual inversion: for .pt the format of the web UI, for
/// .safetensors that of diffusers (learned_embeds). Throws Error for an unknown name or ending.
void export_concept(const std::filesystem::path& concepts, const std::string& name, bool mask,
                    const std::filesystem::path& out);

}  // namespace kizu::importing
