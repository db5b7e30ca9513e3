#include "core/error.h"
#include "importing/import_learned.h"
#include "importing/import_model.h"
#include "verbs.h"

namespace kizu {
namespace {

struct ImportOptions {
  std::string source, out, dtype, vocabulary, merges, spatial;
  importing::ImportOptions model;
  importing::ConceptImport concepts;
};

/// Options that say nothing about this kind of source are a misunderstanding, told by name.
void refuse_given(const CLI::App& verb, std::initializer_list<const char*> names, const std::string& kind) {
  for (const char* name : names)
    if (verb.count(name) > 0) throw Error(std::string(name) + " does not go with " + kind + "; leave it out");
}

void import(const CLI::App& verb, ImportOptions& chosen, Observer& observer) {
  const auto source = std::filesystem::u8path(chosen.source), out = std::filesystem::u8path(chosen.out);
  const auto kind = importing::kind_of(source);
  const auto for_models = {"--dtype", "--vocab", "--merges", "--heads", "--text-heads", "--force"};
  const auto for_concepts = {"--spatial", "--name", "--mask", "--add"};
  if (kind == importing::SourceKind::SpatialEncoder)
    throw Error(chosen.source +
                " is a spatial encoder; import embeddings.pt, and give this file as --spatial");
  if (kind == importing::SourceKind::Localizer) {
    refuse_given(verb, for_models, "a localizer");
    refuse_given(verb, for_concepts, "a localizer");
    importing::import_localizer(source, out, observer);
  } else if (kind == importing::SourceKind::Concepts) {
    refuse_given(verb, for_models, "embeddings");
    chosen.concepts.spatial = std::filesystem::u8path(chosen.spatial);
    importing::import_concepts(source, out, chosen.concepts, observer);
  } else {
    refuse_given(verb, for_concepts, "a model");
    chosen.model.vocabulary = std::filesystem::u8path(chosen.vocabulary);
    chosen.model.merges = std::filesystem::u8path(chosen.merges);
    if (!chosen.dtype.empty())
      chosen.model.dtype = chosen.dtype == "fp16"   ? Dtype::F16
                           : chosen.dtype == "bf16" ? Dtype::BF16
                                                    : Dtype::F32;
    importing::import_model(source, out, chosen.model, observer);
  }
}

}  // namespace

void add_import(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("import", "Take over models, embeddings and localizers of others");
  verb->footer(
      "What SOURCE is, is seen from what is in it:\n"
      "  a latent diffusion model (txt2img-f8-large, Stable Diffusion 1.x, smaller ones of these shapes), "
      "as\n"
      "  .ckpt, .safetensors or folder of diffusers     -> OUT is a folder for --model\n"
      "  embeddings.pt, a textual inversion (.pt, .bin, .safetensors)   -> OUT is a concepts.safetensors\n"
      "  a localization network of the original (.pckl)                 -> OUT is a localizer.safetensors\n"
      "A checkpoint is parsed, never run: nothing in it can do harm. docs/import.md tells more.\n"
      "Examples:\n"
      "  kizu import model.ckpt --out ldm --dtype fp16 --vocab vocab.txt\n"
      "  kizu import ldm-text2im-large-256 --out ldm\n"
      "  kizu import embeddings.pt --spatial spatial_encoder.pt --out concepts.safetensors\n"
      "  kizu import screw-mask.pt --mask --name screw+scratch_neck --add --out concepts.safetensors\n"
      "  kizu import bottle.pckl --out localizer.safetensors");
  const auto chosen = std::make_shared<ImportOptions>();
  verb->add_option("source", chosen->source, "File or folder to import")->required();
  verb->add_option("--out", chosen->out, "Folder or file to write")->required();
  verb->add_option("--dtype", chosen->dtype, "Weights to write, of a model; as they come if not given")
      ->check(CLI::IsMember({"fp32", "fp16", "bf16"}));
  verb->add_option("--vocab", chosen->vocabulary,
                   "The model's vocab.txt (BERT) or vocab.json (CLIP), for captions");
  verb->add_option("--merges", chosen->merges, "merges.txt that goes with vocab.json");
  verb->add_option("--heads", chosen->model.heads.unet,
                   "Attention heads of the U-Net, which no shape shows; 8 if not given")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--text-heads", chosen->model.heads.text,
                   "Attention heads of the text encoder; 64 channels each if not given")
      ->check(CLI::Range(1, 1024));
  verb->add_flag("--force", chosen->model.force, "Replace the model that is at OUT");
  verb->add_option("--spatial", chosen->spatial,
                   "The original's spatial_encoder.pt, of embeddings of anomalies");
  verb->add_option("--name", chosen->concepts.name, "Name of an embedding that has none: screw+scratch_neck");
  verb->add_flag("--mask", chosen->concepts.mask, "The embeddings draw masks, not anomalies");
  verb->add_flag("--add", chosen->concepts.add, "Add to the concepts that are at OUT");
  verb->callback([verb, chosen, &program] { import(*verb, *chosen, program.observer); });
}

void add_export(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("export", "Give a learned embedding to other programs");
  verb->footer(
      "Examples:\n"
      "  kizu export run/learn/concepts.safetensors --name screw+scratch_neck --out scratch.pt\n"
      "  kizu export run/learn/concepts.safetensors --name screw+scratch_neck --out "
      "learned_embeds.safetensors\n"
      "The ending chooses the format: .pt as web UIs have it, .safetensors as diffusers has it. The spatial\n"
      "encoder has no counterpart there: others paint the anomaly wherever they like.");
  struct ImportOptions {
    std::string concepts, name, out;
    bool mask = false;
  };
  const auto chosen = std::make_shared<ImportOptions>();
  verb->add_option("concepts", chosen->concepts, "A concepts.safetensors")->required();
  verb->add_option("--name", chosen->name, "Which embedding, for instance screw+scratch_neck")->required();
  verb->add_option("--out", chosen->out, "File to write, .pt or .safetensors")->required();
  verb->add_flag("--mask", chosen->mask, "The embedding that draws masks, not the anomaly's");
  verb->callback([chosen, &program] {
    importing::export_concept(std::filesystem::u8path(chosen->concepts), chosen->name, chosen->mask,
                              std::filesystem::u8path(chosen->out));
    program.observer.said("wrote " + chosen->out);
  });
}

}  // namespace kizu
