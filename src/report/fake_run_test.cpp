#include "report/fake_run.h"

#include <unistd.h>

#include <fstream>

#include "core/atomic_file.h"
#include "core/input_file.h"
#include "image/codec.h"
#include "report/report.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

constexpr int kWidth = 48, kHeight = 64;

/// Stripes of brightness with a dark spot around (24, 20 + number % 20).
Image picture(int number, bool defect) {
  Image image = Image::blank(kWidth, kHeight, 1);
  for (int y = 0; y < kHeight; y++)
    for (int x = 0; x < kWidth; x++) {
      const int dx = x - 24, dy = y - 20 - number % 20;
      image.at(x, y) =
          static_cast<std::uint16_t>(defect && dx * dx + dy * dy < 30 ? 40 : 150 + (x * 7 + number) % 40);
    }
  return image;
}

Mask spot(int number) {
  Mask mask = Mask::blank(kWidth, kHeight);
  for (int y = 0; y < kHeight; y++)
    for (int x = 0; x < kWidth; x++)
      mask.at(x, y) = (x - 24) * (x - 24) + (y - 20 - number % 20) * (y - 20 - number % 20) < 30;
  return mask;
}

/// Without the sync of write_file, which costs more than all else here.
void put(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

void put_png(const fs::path& file, const Image& image) {
  put(file, encode_png(image));
}

void put_png(const fs::path& file, const Mask& mask) {
  Image image = Image::blank(mask.width, mask.height, 1);
  for (std::size_t i = 0; i < mask.values.size(); i++) image.values[i] = mask.values[i] ? 255 : 0;
  put_png(file, image);
}

void put_json(const fs::path& file, const Json& json) {
  put(file, to_text(json));
}

std::string numbered(int i) {
  return (i < 10 ? "00" : "0") + std::to_string(i);
}

Json metrics(double ap, double image_auroc) {
  return {{"pixel_auroc", 0.9},        {"pixel_ap", ap},         {"pixel_f1_max", ap},
          {"pixel_f1_threshold", 0.5}, {"au_pro", ap},           {"image_auroc", image_auroc},
          {"image_ap", image_auroc},   {"image_f1_max", nullptr}};
}

}  // namespace

FakeRun::FakeRun(const Wishes& wishes) : wishes_(wishes) {
  std::string pattern = (fs::temp_directory_path() / "kizu-report-XXXXXX").string();
  root_ = ::mkdtemp(pattern.data());
  data_ = root_ / "data";
  folder_ = root_ / "run";
  make_data();
  make_step("split", "split");
  make_split();
  make_step("learn", "learn");
  put_json(folder_ / "learn" / "curve.json",
           {{"steps", {1, 2, 3}}, {"loss", {0.9, nullptr, 0.4}}, {"stopped_early", true}});
  make_pairs();
  make_arm("before", wishes.before, 0.85);
  make_arm("after", wishes.after, wishes.image_after);
  make_arm("perlin", 0.2, 0.8);
}

FakeRun::~FakeRun() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void FakeRun::make_data() {
  make_folders(data_ / "good");
  make_folders(data_ / wishes_.type);
  for (int i = 0; i < 3; i++) put_png(data_ / "good" / (numbered(i) + ".png"), picture(i, false));
  for (int i = 0; i < wishes_.test_photos + 2; i++) {
    put_png(data_ / wishes_.type / (numbered(i) + ".png"), picture(i, true));
    put_png(data_ / wishes_.type / (numbered(i) + "_mask.png"), spot(i));
  }
}

void FakeRun::make_step(const std::string& name, const std::string& verb) const {
  make_folders(folder_ / name);
  put_json(folder_ / name / "run.json", {{"program", "kizu"},
                                         {"verb", verb},
                                         {"options", {{"seed", 7}, {"data", data_.string()}}},
                                         {"inputs", {{"split", std::string(64, 'c')}}},
                                         {"state", "complete"},
                                         {"fingerprint", std::string(64, 'f')}});
  put(folder_ / name / "events.jsonl",
      "{\"event\":\"start\",\"seconds\":0,\"peak_bytes\":1000000}\n"
      "{\"event\":\"end\",\"seconds\":75.25,\"peak_bytes\":1234000000}\n");
}

void FakeRun::make_split() const {
  Json photos = Json::array();
  const auto add = [&](const std::string& image, const std::string& mask, const std::string& type,
                       const std::string& side) {
    photos.push_back(Json{{"image", image},
                          {"mask", mask},
                          {"type", type},
                          {"group", side == "test" ? wishes_.group : ""},
                          {"side", side},
                          {"reason", ""},
                          {"image_sha256", std::string(64, 'a')},
                          {"mask_sha256", mask.empty() ? "" : std::string(64, 'b')}});
  };
  add("good/000.png", "", "good", "good_train");
  add("good/001.png", "", "good", "good_train");
  add("good/002.png", "", "good", "good_test");
  for (int i = 0; i < wishes_.test_photos + 2; i++) {
    const std::string stem = wishes_.type + "/" + numbered(i);
    add(stem + ".png", stem + "_mask.png", wishes_.type, i < 2 ? "shot" : "test");
  }
  put_json(folder_ / "split" / "split.json", {{"format", "kizu split 1"},
                                              {"category", "a <b>part</b>"},
                                              {"options", {{"shots", 2}, {"types", Json::array()}}},
                                              {"photos", photos}});
}

void FakeRun::make_pairs() const {
  make_step("masks", "masks");
  make_step("pairs", "generate");
  const std::string& type = wishes_.type;
  make_folders(folder_ / "masks" / type);
  make_folders(folder_ / "pairs" / type);
  make_folders(folder_ / "pairs" / "dropped" / type);
  Json masks = Json::array(), pairs = Json::array(), dropped = Json::array();
  for (int i = 1; i <= 4; i++) {
    const bool fails = i == 4;
    const std::string stem = type + "/" + numbered(i);
    const fs::path to = fs::path("pairs") / (fails ? "dropped" : "");
    put_png(folder_ / "masks" / (stem + ".png"), spot(i));
    put_png(folder_ / to / (stem + ".image.png"), picture(i, true));
    put_png(folder_ / to / (stem + ".mask.png"), spot(i));
    const Json origin{
        {"shot", type + "/000.png"}, {"flip", "both"}, {"angle", 12.3}, {"scale", 1.1}, {"elastic", 0}};
    masks.push_back(Json{{"type", type}, {"file", stem + ".png"}, {"origin", origin}, {"seed", i}});
    const Json scores{{"visible", 0.5},
                      {"leak", 0.01},
                      {"distance", 0.25},
                      {"passed", !fails},
                      {"reason", fails ? "leaks <outside> the mask" : ""}};
    (fails ? dropped : pairs)
        .push_back(Json{{"type", type},
                        {"image", stem + ".image.png"},
                        {"mask", stem + ".mask.png"},
                        {"seed", i},
                        {"attempts", 2},
                        {"source", {{"file", "good/000.png"}, {"sha256", std::string(64, 'a')}}},
                        {"mask_origin", origin},
                        {"scores", scores}});
  }
  put_json(folder_ / "masks" / "masks.json", {{"masks", masks}});
  const Json yield{{"type", type}, {"asked", 4}, {"made", 3}, {"retried", 5}, {"dropped", 1}};
  put_json(folder_ / "pairs" / "pairs.json",
           {{"types", Json::array({yield})}, {"pairs", pairs}, {"dropped", dropped}});
}

void FakeRun::make_arm(const std::string& arm, double ap, double image_auroc) const {
  make_step("localizer-" + arm, "train");
  put_json(folder_ / ("localizer-" + arm) / "curve.json",
           {{"steps", {1, 2, 3}}, {"loss", {0.5, 0.2, 0.1}}, {"held_out", {{1, 0.2}, {3, 0.4}}}});
  make_step("evaluation-" + arm, "evaluate");
  const fs::path folder = folder_ / ("evaluation-" + arm);
  make_folders(folder / "maps" / wishes_.type);
  Json scored = Json::array();
  for (int i = 2; i < wishes_.test_photos + 2; i++) {
    const std::string stem = wishes_.type + "/" + numbered(i);
    Image map = Image::blank(kWidth, kHeight, 1);
    const Mask truth = spot(i);
    for (std::size_t p = 0; p < truth.values.size(); p++) map.values[p] = truth.values[p] ? 200 : 3;
    put_png(folder / "maps" / (stem + ".png"), map);
    scored.push_back(Json{{"photo", stem + ".png"},
                          {"type", wishes_.type},
                          {"mask", stem + "_mask.png"},
                          {"map", "maps/" + stem + ".png"},
                          {"image_score", 0.7},
                          {"max_inside", 0.8},
                          {"pixel_ap", ap + 0.001 * i}});
  }
  Json misses = Json::array({scored.front()});
  misses[0]["why"] = "a faint spot";
  Json type = metrics(ap, image_auroc);
  type["type"] = wishes_.type;
  type["photos"] = wishes_.test_photos;
  const Json line{{0, 0}, {0.1, 0.5}, {1, 1}};
  put_json(folder / "metrics.json", {{"protocol", "improved"},
                                     {"photos", wishes_.test_photos + 1},
                                     {"overall", metrics(ap, image_auroc)},
                                     {"types", Json::array({type})},
                                     {"curves", {{"roc", line}, {"pr", line}, {"pro", line}}},
                                     {"photos_scored", scored},
                                     {"misses", misses}});
}

std::string report_of(const FakeRun& run) {
  write_report(run.folder());
  return read_file(run.report());
}

}  // namespace kizu::report
