#include "options.h"

#include <cstdlib>
#include <sstream>

#include "core/error.h"

namespace kizu {
namespace {

namespace fs = std::filesystem;

// Words on the command line for the values of an enumeration.
template <class Value>
CLI::Option* add_choice(CLI::App& verb, const char* name, Value& value,
                        const std::map<std::string, Value>& words, const char* help) {
  std::string list, now;
  for (const auto& [word, meaning] : words) {
    list += (list.empty() ? "" : ", ") + word;
    if (meaning == value) now = word;
  }
  auto* option = verb.add_option_function<std::string>(
      name, [&value, words](const std::string& word) { value = words.at(word); },
      std::string(help) + ": " + list);
  std::vector<std::string> known;
  for (const auto& entry : words) known.push_back(entry.first);
  return option
      ->check([known](const std::string& word) {
        for (const auto& each : known) {
          if (each == word) return std::string();
        }
        return "'" + word + "' is not one of the choices";
      })
      ->type_name("WORD")
      ->default_str(now);
}

/// Puts the options that are added while it lives under a heading of their own.
class InGroup {
 public:
  InGroup(CLI::App& verb, const char* name) : verb_(verb) { verb_.option_defaults()->group(name); }
  ~InGroup() { verb_.option_defaults()->group("Options"); }
  InGroup(const InGroup&) = delete;
  InGroup& operator=(const InGroup&) = delete;

 private:
  CLI::App& verb_;
};

}  // namespace

std::vector<fs::path> paths_of(const std::vector<std::string>& texts) {
  std::vector<fs::path> paths;
  for (const auto& text : texts) paths.push_back(fs::u8path(text));
  return paths;
}

CLI::Validator within(double low, double high) {
  return CLI::Validator(
      [low, high](std::string& text) {
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && value >= low && value <= high) return std::string();
        std::ostringstream message;
        message << text << " is not a number between " << low << " and " << high;
        return message.str();
      },
      "");
}

CLI::Option* add_seed_option(CLI::App& verb, uint64_t& seed, const char* help) {
  return verb.add_option("--seed", seed, help)
      ->check([](const std::string& text) {  // "-1" would become a large number
        const bool plain = text.find_first_not_of("0123456789") == std::string::npos;
        return plain ? std::string() : "'" + text + "' is not a whole number from 0";
      })
      ->type_name("UINT")
      ->capture_default_str();
}

std::string default_mix(std::string (*mix)(bool aligned)) {
  return mix(false) + ", where the photos resemble each other pixel by pixel " + mix(true);
}

CLI::Option* add_mix_option(CLI::App& verb, const char* name, std::string& mix, const char* help) {
  return verb.add_option(name, mix, help)
      ->check([](const std::string& text) {
        try {
          inspection::Curriculum::parse(text);
          return std::string();
        } catch (const Error& error) {
          return std::string(error.what());
        }
      })
      ->type_name("TEXT")
      ->capture_default_str();
}

void add_name_option(CLI::App& verb, std::string& name) {
  verb.add_option("--name", name, "Name of the localizer")
      ->check([](const std::string& text) {
        const bool plain = !text.empty() && text.find_first_of("/\\") == std::string::npos;
        return plain ? std::string()
                     : "'" + text + "' is part of a folder's name and cannot be empty or hold a /";
      })
      ->type_name("TEXT")
      ->capture_default_str();
}

void add_zoom_option(CLI::App& verb, double& zoom, const char* help) {
  verb.add_option("--zoom", zoom, help)->check(within(0.25, 16))->group(kCompactGroup)->capture_default_str();
}

void add_workers_option(CLI::App& verb, int& workers) {
  verb.add_option("--workers,--threads", workers, "Threads, 0 = one per core; never changes a result")
      ->check(within(0, 1024))
      ->capture_default_str();
}

void add_split_options(CLI::App& verb, dataset::SplitOptions& options) {
  verb.add_option("--shots", options.shots, "Photos of each type to learn from; 0 = the first third")
      ->capture_default_str();
  verb.add_option("--types", options.types, "Only these defect types (default: all)");
}

void add_learn_options(CLI::App& verb, pipeline::LearnStep& step) {
  const InGroup group(verb, kCompactGroup);
  auto& o = step.options;
  verb.add_option("--learn-steps", o.steps_per_type, "Most training steps for each defect type")
      ->capture_default_str();
  verb.add_option("--learn-batch", o.batch, "Windows in a step")->capture_default_str();
  add_choice<anomaly::Tuned>(verb, "--tune", o.tuned,
                             {{"tokens", anomaly::Tuned::kTokens},
                              {"spatial", anomaly::Tuned::kSpatial},
                              {"cross-attention", anomaly::Tuned::kCrossAttention},
                              {"unet", anomaly::Tuned::kUNet}},
                             "How much learns beside the anomaly embedding");
  verb.add_option("--adapt", step.adapt_minutes, "Minutes of fine-tuning the base on the good photos first")
      ->check(within(0, 10000))
      ->capture_default_str();
  add_zoom_option(verb, o.window.zoom, "Enlargement at which defects are learned and painted");
}

void add_mask_options(CLI::App& verb, pipeline::MaskStep& step) {
  verb.add_option("--pairs", step.pairs, "Pairs to make of each defect type")->capture_default_str();
  verb.add_option("--rotation", step.options.variation.rotation,
                  "Largest rotation of a mask in degrees; 180 turns freely")
      ->check(within(0, 180))
      ->capture_default_str();
  verb.add_flag("--flips,!--no-flips", step.options.variation.flips, "Mirror masks")->default_str("true");
}

void add_generate_options(CLI::App& verb, pipeline::GenerateStep& step) {
  const InGroup group(verb, kCompactGroup);
  auto& o = step.options;
  add_choice<diffusion::Solver>(verb, "--sampler", o.solver,
                                {diffusion::solvers().begin(), diffusion::solvers().end()},
                                "Sampler; dpm++sde adds noise in every step, unipc corrects every step");
  verb.add_option("--sampler-steps", o.steps, "Steps of the sampler")->capture_default_str();
  verb.add_option("--eta", o.eta, "Noise of ddim: 0 none, 1 as much as ancestral sampling")
      ->capture_default_str();
  verb.add_option("--guidance", o.guidance, "Classifier-free guidance, 1 = none, at most 1.5 is useful")
      ->capture_default_str();
  add_choice<anomaly::ReweightMode>(verb, "--reweighting", o.reweighting,
                                    {anomaly::reweight_modes().begin(), anomaly::reweight_modes().end()},
                                    "Adaptive attention re-weighting");
  add_choice<anomaly::Background>(
      verb, "--background", o.background,
      {{"outside", anomaly::Background::kOutside}, {"whole", anomaly::Background::kWhole}},
      "What the base sees of the good photo under the defect");
  verb.add_option("--strength", o.strength, "Multiplies what is painted")->capture_default_str();
  verb.add_option("--severity", o.severity,
                  "Multiplies how much lighter or darker than its surroundings a defect is; -1 = 1, but up "
                  "to 2 for a type that is hardly more so than good photos are at such places")
      ->capture_default_str();
  verb.add_option("--variety", o.variety, "How far appearances go from the mean of a type to its shots'")
      ->capture_default_str();
  verb.add_option(
          "--from-shots", o.from_shots,
          "Share of the pairs that start from a shot's own pixels laid into the mask, the others from noise; "
          "-1 = decided for each type by a short trial, and --redraw with it")
      ->capture_default_str();
  verb.add_option("--redraw", o.redraw, "How much of such a start is drawn anew, 0 to 1, give or take 0.2")
      ->capture_default_str();
  verb.add_option("--match", o.match, "How far the mean colour and contrast are moved to the shots', 0 to 1")
      ->capture_default_str();
  verb.add_option("--attempts", step.attempts, "Seeds to try before a pair is dropped")
      ->capture_default_str();
  verb.add_flag("--difference", step.difference, "Also write difference pictures");
}

void add_train_options(CLI::App& verb, inspection::TrainOptions& options) {
  verb.add_option("--net", options.net.net,
                  "Localizer: light (for CPUs) or draem (the method's, 28 M weights at width 64)")
      ->check(CLI::IsMember({"light", "draem"}))
      ->capture_default_str();
  verb.add_option("--width", options.net.width, "Channels of its first level")->capture_default_str();
  verb.add_option("--train-steps", options.steps,
                  "Training steps of a localizer; 0 = 400 and 800 for each defect type")
      ->capture_default_str();
  verb.add_option("--train-batch", options.batch,
                  "Windows in a step; 0 = 8, or 4 where the photos are aligned")
      ->capture_default_str();
  verb.add_option("--train-rate", options.rate, "Learning rate of adam; muon's is 20 times it")
      ->capture_default_str();
  add_choice<inspection::Optimiser>(verb, "--optimiser", options.optimiser,
                                    {{"auto", inspection::Optimiser::kAuto},
                                     {"muon", inspection::Optimiser::kMuon},
                                     {"adam", inspection::Optimiser::kAdam}},
                                    "What moves the weights: muon, which needs fewer steps, or adam; auto = "
                                    "muon for light, adam for draem");
  verb.add_option("--dice", options.dice, "Weight of the Dice loss beside the focal loss")
      ->capture_default_str();
  verb.add_option("--balanced", options.balanced,
                  "Weight of the cross-entropy in which defect and good pixels count alike")
      ->capture_default_str();
  verb.add_option("--crop", options.samples.crop,
                  "Side of a training window in pixels; 0 = 160, or as --work-size, up to 512, where the "
                  "photos are aligned")
      ->capture_default_str();
  verb.add_option(
          "--turn-pairs", options.samples.turned,
          "Share of the windows on generated pairs in which the defect is turned and scaled a little at "
          "its own place; -1 = 0.5, or 0 where the photos are aligned")
      ->capture_default_str();
  verb.add_option("--work-size", options.work_size, "Short side of a photo as the localizer sees it")
      ->capture_default_str();
  add_choice<inspection::Choose>(verb, "--choose", options.choose,
                                 {{"last", inspection::Choose::kLast}, {"best", inspection::Choose::kBest}},
                                 "Weights to keep: the last, or the best on held-out generated pairs");
  verb.add_flag("--until-flat", options.until_flat,
                "Train until the loss on held-out generated pairs is flat; --train-steps is then the most");
}

void add_views_option(CLI::App& verb, std::optional<inspection::Views>& views) {
  using inspection::Views;
  add_choice<std::optional<Views>>(
      verb, "--views", views, {{"auto", std::nullopt}, {"one", Views::kOne}, {"mirrored", Views::kMirrored}},
      "Look at each photo as it is, or also mirrored both ways and take the mean; auto = as the localizer's "
      "file says");
}

void add_protocol_option(CLI::App& verb, pipeline::Protocol& protocol) {
  add_choice<pipeline::Protocol>(
      verb, "--protocol", protocol,
      {{"improved", pipeline::Protocol::kImproved}, {"reference", pipeline::Protocol::kReference}},
      "Measure at the photos' own size with the true masks, or as the published code does");
}

void NewRun::add_to(CLI::App& verb, bool data_required) {
  auto* photos =
      verb.add_option("--data", data, "Folder with the photos: one category, or a folder of categories")
          ->required(data_required);
  verb.add_option("--category", categories, "Only this category; may be given several times (default: all)")
      ->needs(photos);
  verb.add_option("--out", out, "Run folder to create or to go on with")->required();
  verb.add_option("--model", model, "Folder of the base model")
      ->needs(photos)
      ->default_str("the one that comes with kizu");
  add_seed_option(verb, seed, "Seed of everything that is drawn")->needs(photos);
  add_workers_option(verb, workers);
}

std::vector<std::string> NewRun::names() const {
  return categories.empty() ? dataset::category_names(fs::u8path(data)) : categories;
}

std::vector<pipeline::Workspace> NewRun::workspaces() const {
  const auto root = fs::absolute(fs::u8path(out));
  const auto all = names();
  if (all.size() == 1) return {workspace(all.front(), root)};
  return workspaces_in(root);
}

std::vector<pipeline::Workspace> NewRun::workspaces_in(const fs::path& root) const {
  std::vector<pipeline::Workspace> workspaces;
  for (const auto& name : names())
    workspaces.push_back(workspace(name, root / fs::u8path(pipeline::file_name_of(name))));
  return workspaces;
}

pipeline::Workspace NewRun::workspace(const std::string& name, const fs::path& folder) const {
  if (model.empty()) throw Error("no base model was found beside the program; name its folder with --model");
  const auto found = dataset::scan(fs::u8path(data), name);
  return {fs::absolute(found.root).lexically_normal(),
          found.name,
          fs::absolute(fs::u8path(model)).lexically_normal(),
          folder,
          seed,
          workers};
}

void OldRun::add_to(CLI::App& verb) {
  verb.add_option("--out", out, "Run folder, begun by kizu run or kizu split")->required();
  add_workers_option(verb, workers);
}

fs::path default_model() {
  if (const char* named = std::getenv("KIZU_MODEL")) return fs::u8path(named);
  std::error_code none;
  const auto program = fs::read_symlink("/proc/self/exe", none);
  for (const auto& folder : {program.parent_path() / "../share/kizu/models/compact",
                             fs::path(KIZU_SOURCE_DIR) / "models/compact"}) {
    if (fs::exists(folder / "model.json", none)) return folder.lexically_normal();
  }
  return {};
}

}  // namespace kizu
