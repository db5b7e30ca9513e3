#include "inspection/localizer_file.h"

#include "core/error.h"
#include "core/json.h"
#include "tensor/convert.h"

namespace kizu::inspection {
namespace {

constexpr const char* kEntry = "kizu.localizer";

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(file.string() + " " + why + "; give the localizer.safetensors of a train step");
}

LocalizerInfo parsed(const std::filesystem::path& file, const std::string& text) {
  LocalizerInfo info;
  try {
    const auto json = parse_json(text, file.string());
    info.config = {json.at("net"), json.at("width")};
    info.work_size = json.at("work_size");
    info.threshold = json.at("threshold");
    // Files of before 2026-11-28 say nothing; all were learned from mirrored windows.
    info.views = json.value("mirrored", true) ? Views::kMirrored : Views::kOne;
    info.window = json.value("window", info.window);
  } catch (const Json::exception&) {
    refuse(file, "has a damaged description of its network");
  }
  const auto is_size = [](int64_t size) { return size >= 16 && size <= 20000; };
  if (!is_size(info.work_size) || !is_size(info.window))
    refuse(file, "has a damaged description of its network");
  return info;
}

}  // namespace

void save_localizer(const std::filesystem::path& file, const Localizer& net, const LocalizerInfo& info) {
  const Json json{{"net", info.config.net},
                  {"width", info.config.width},
                  {"work_size", info.work_size},
                  {"threshold", info.threshold},
                  {"mirrored", info.views == Views::kMirrored},
                  {"window", info.window}};
  write_tensors(file, state_of(net), {{kEntry, json.dump()}});
}

std::shared_ptr<Localizer> load_localizer(const std::filesystem::path& file, LocalizerInfo& info) {
  const auto content = Safetensors::read(file);
  const auto entry = content.metadata.find(kEntry);
  if (entry == content.metadata.end()) refuse(file, "holds no localizer");
  info = parsed(file, entry->second);
  NamedTensors tensors;
  for (const auto& [name, raw] : content.tensors) tensors[name] = to_tensor(raw, true);
  const auto net = make_localizer(info.config, 0);
  load_state(*net, tensors, "", file.string());
  net->eval();
  return net;
}

}  // namespace kizu::inspection
