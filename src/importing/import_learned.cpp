#include "importing/import_learned.h"

#include "anomaly/concept_file.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "importing/checkpoint_fit.h"
#include "inspection/localizer_file.h"
#include "ldm/without_weights.h"
#include "tensor/convert.h"
#include "weights/textual_inversion.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;
using Embeddings = std::map<std::string, torch::Tensor>;

bool has_start(const TensorInfos& tensors, const std::string& start) {
  const auto at = tensors.lower_bound(start);
  return at != tensors.end() && at->first.rfind(start, 0) == 0;
}

NamedTensors read_all(const TensorSource& source) {
  NamedTensors tensors;
  for (const auto& [name, info] : source.tensors()) tensors[name] = to_tensor(source.read(name), true);
  return tensors;
}

int64_t size_of(const TensorInfos& tensors, const std::string& name, size_t dimension) {
  const auto found = tensors.find(name);
  return found == tensors.end() || found->second.shape.size() <= dimension ? 0
                                                                           : found->second.shape[dimension];
}

/// The encoder's shape, from names and shapes. What cannot be is found when every tensor is compared.
anomaly::SpatialEncoderConfig spatial_config(const TensorInfos& tensors) {
  anomaly::SpatialEncoderConfig config;
  config.tokens = 0;
  while (tensors.count("styles." + std::to_string(config.tokens) + ".linear.weight") != 0) config.tokens++;
  config.width = size_of(tensors, "styles.0.linear.weight", 0);
  config.head_width = size_of(tensors, "styles.0.convs.0.weight", 0);
  config.side = 4;
  for (int i = 0; tensors.count("styles.0.convs." + std::to_string(2 * i) + ".weight") != 0; i++)
    config.side *= 2;
  // Residual units of one width after another.
  std::vector<int64_t> channels, units;
  for (int i = 0;; i++) {
    const int64_t width = size_of(tensors, "body." + std::to_string(i) + ".res_layer.1.weight", 0);
    if (width == 0) break;
    if (channels.empty() || channels.back() != width) {
      channels.push_back(width);
      units.push_back(0);
    }
    units.back()++;
  }
  if (channels.size() == config.channels.size()) {
    std::copy(channels.begin(), channels.end(), config.channels.begin());
    std::copy(units.begin(), units.end(), config.units.begin());
  }
  return config;
}

void add_spatial(const fs::path& file, anomaly::LearnedConcepts& concepts, Observer& observer) {
  const auto source = open_tensors(file);
  if (!has_start(source->tensors(), "styles."))
    throw Error("--spatial " + file.string() +
                " is no spatial encoder; give the original's spatial_encoder.pt");
  if (!concepts.spatial.empty())
    throw Error("--spatial: these concepts have a spatial encoder already, which all of them share");
  concepts.spatial_config = spatial_config(source->tensors());
  TensorInfos needed;
  {
    concepts.spatial_config.check();
    const ldm::WithoutWeights scope;
    const anomaly::GradualStyleEncoder shape(concepts.spatial_config);
    for (const auto& [name, tensor] : state_of(*shape))
      needed[name] = {tensor.is_floating_point() ? Dtype::F32 : Dtype::I64, tensor.sizes().vec()};
  }
  check_fit(source->tensors(), needed, {}, "--spatial " + file.string());
  concepts.spatial = read_all(*source);
  observer.said("found a spatial encoder: " + std::to_string(concepts.spatial_config.tokens) + " tokens " +
                std::to_string(concepts.spatial_config.width) + " wide, masks of " +
                std::to_string(concepts.spatial_config.side) + " pixels");
}

/// Embeddings under the names they get.
Embeddings named(const fs::path& source, const ConceptImport& options) {
  auto found = read_embeddings(*open_tensors(source), source.string());
  if (!options.name.empty() && found.size() != 1)
    throw Error("--name: " + source.string() + " has " + std::to_string(found.size()) +
                " embeddings, which have names of their own");
  Embeddings embeddings;
  for (auto& [name, raw] : found) {
    if (options.name.empty() && name == "*")
      throw Error(source.string() +
                  " does not name its embedding; choose --name, for instance screw+scratch_neck");
    embeddings[options.name.empty() ? name : options.name] = to_tensor(raw, true).to(torch::kFloat32);
  }
  return embeddings;
}

/// All of one width, that of the spatial tokens included.
void check_widths(const anomaly::LearnedConcepts& concepts, const fs::path& source) {
  int64_t width = concepts.spatial.empty() ? 0 : concepts.spatial_config.width;
  for (const auto* group : {&concepts.anomalies, &concepts.masks})
    for (const auto& [name, embedding] : *group) {
      if (width == 0) width = embedding.size(1);
      if (embedding.size(1) != width)
        throw Error(source.string() + ": the embedding of '" + name + "' is " +
                    std::to_string(embedding.size(1)) + " wide, others or the spatial encoder " +
                    std::to_string(width) + "; they were learned on different bases");
    }
}

/// The folder of a file that is about to be written.
void make_folder_of(const fs::path& file) {
  if (file.has_parent_path()) make_folders(file.parent_path());
}

}  // namespace

SourceKind kind_of(const fs::path& source) {
  if (fs::is_directory(source)) return SourceKind::Model;
  const auto file = open_tensors(source);
  const auto& tensors = file->tensors();
  if (has_start(tensors, "model.diffusion_model.") || has_start(tensors, "first_stage_model."))
    return SourceKind::Model;
  if (has_start(tensors, "encoder_segment.")) return SourceKind::Localizer;
  if (has_start(tensors, "styles.") && has_start(tensors, "body.")) return SourceKind::SpatialEncoder;
  return holds_embeddings(tensors) ? SourceKind::Concepts : SourceKind::Model;
}

void import_concepts(const fs::path& source, const fs::path& out, const ConceptImport& options,
                     Observer& observer) {
  if (fs::exists(out) && !options.add)
    throw Error(out.string() + " is there already; choose another --out, or --add to add to it");
  anomaly::LearnedConcepts concepts;
  if (fs::exists(out)) concepts = anomaly::LearnedConcepts::read(out);
  const auto embeddings = named(source, options);
  auto& group = options.mask ? concepts.masks : concepts.anomalies;
  for (const auto& [name, embedding] : embeddings) {
    if (!group.emplace(name, embedding).second)
      throw Error(out.string() + " has '" + name + "' already; choose another --name or another --out");
    observer.said("found " + name + ": " + std::to_string(embedding.size(0)) + " vectors " +
                  std::to_string(embedding.size(1)) + " wide");
  }
  if (!options.spatial.empty()) add_spatial(options.spatial, concepts, observer);
  if (!concepts.anomalies.empty() && concepts.spatial.empty())
    observer.said(
        "there is no spatial encoder among them: to paint anomalies, import with --spatial "
        "spatial_encoder.pt");
  check_widths(concepts, source);
  concepts.metadata.emplace("preset", "reference");
  make_folder_of(out);
  concepts.write(out);
  observer.said("wrote " + out.string());
}

void import_localizer(const fs::path& source, const fs::path& out, Observer& observer) {
  if (fs::exists(out)) throw Error(out.string() + " is there already; choose another --out");
  const auto file = open_tensors(source);
  const int64_t width = size_of(file->tensors(), "encoder_segment.block1.0.weight", 0);
  if (width < 1 || width > 1024) throw Error(source.string() + " is no localization network that kizu knows");
  const inspection::LocalizerInfo info{{"draem", width}, 256, 0.5, inspection::Views::kOne};
  const auto net = inspection::make_localizer(info.config, 0);
  load_state(*net, read_all(*file), "", source.string());
  make_folder_of(out);
  inspection::save_localizer(out, *net, info);
  observer.said("found a localizer: draem, width " + std::to_string(width) + "; wrote " + out.string() +
                "; use it with kizu detect --localizer or kizu evaluate --localizer");
}

void export_concept(const fs::path& concepts, const std::string& name, bool mask, const fs::path& out) {
  const auto known = anomaly::LearnedConcepts::read(concepts);
  const auto& group = mask ? known.masks : known.anomalies;
  const auto found = group.find(name);
  if (found == group.end()) {
    std::string names;
    for (const auto& [each, embedding] : group) names += (names.empty() ? "" : ", ") + each;
    throw Error("--name " + name + " is not in " + concepts.string() + "; it has " +
                (names.empty() ? "none of this kind" : names));
  }
  if (fs::exists(out)) throw Error(out.string() + " is there already; choose another --out");
  const auto ending = out.extension();
  if (ending != ".pt" && ending != ".safetensors")
    throw Error("--out " + out.string() + ": end it in .pt (web UI) or .safetensors (diffusers)");
  const RawTensor embedding = to_raw(found->second.to(torch::kFloat32));
  make_folder_of(out);
  ending == ".pt" ? write_inversion_pt(out, name, embedding) : write_learned_embeds(out, name, embedding);
}

}  // namespace kizu::importing
